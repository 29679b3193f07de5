import type { RestoreOrder } from '../activities/contracts/operations.ts';
import { restoreActivities } from './proxies.ts';

/** Orders that etcd begins anew with a snapshot: started by `cke-client etcd restore`; the cluster's next operation does it. */
export async function restoreEtcdWorkflow(input: RestoreOrder): Promise<void> {
  return restoreActivities.beginRestore(input);
}
