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
