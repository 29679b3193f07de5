import type { FileCheck } from '../activities/contracts/operations.ts';
import type { CertificatesView, Scope } from '../cluster/certificates/view.ts';
import type { ClusterView } from '../cluster/view.ts';
import type { PlanPreview } from '../cluster/saved-plan.ts';
import { lookingActivities } from './proxies.ts';

/** What would be done now for `text` (or for the accepted declaration): started by `cke-client plan`, changes nothing. */
export async function planWorkflow(input: { cluster: string; text?: string }): Promise<PlanPreview> {
  return lookingActivities.preview(input);
}

/** One look at everything: started by `cke-client status`, `why`, `nodes` and `doctor`. */
export async function observeWorkflow(input: { cluster: string }): Promise<ClusterView> {
  return lookingActivities.view(input);
}

/** The certificates that nodes hold: started by `cke-client certificates list`. */
export async function certificatesWorkflow(input: { cluster: string } & Scope): Promise<CertificatesView> {
  return lookingActivities.certificates(input);
}

/** Compares files on the nodes with what was installed: started by `cke-client certificates check`. */
export async function checkFilesWorkflow(input: { cluster: string; node?: string }): Promise<FileCheck[]> {
  return lookingActivities.checkFiles(input);
}
