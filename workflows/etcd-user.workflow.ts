import type { EtcdUser } from '../cluster/etcd/user.ts';
import { etcdUserActivities } from './proxies.ts';

/** Makes a user of the cluster's etcd: started by `cke-client etcd user add`, which hands its certificate out. */
export async function etcdUserWorkflow(input: { cluster: string } & EtcdUser): Promise<void> {
  return etcdUserActivities.ensureEtcdUser(input);
}
