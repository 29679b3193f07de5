import { setTimeout as sleep } from 'node:timers/promises';
import { asActivities } from './activity.ts';
import { approvalActivities } from './approvals.ts';
import { restoreActivities } from './begin-restore.ts';
import { certificateViewActivities } from './certificate-views.ts';
import type { Activities } from './contracts/activities.ts';
import { campaignActivities } from './campaigns.ts';
import { ownCredentials } from './credentials.ts';
import { acceptedDeclarations } from './declarations.ts';
import { recordEncryption } from './encryption/first-record.ts';
import { keyChangeActivities } from './encryption/key-change.ts';
import type { EtcdClusters } from './etcd/clusters.ts';
import { createFence } from './fence.ts';
import type { Kubernetes } from './kubernetes/kubernetes.ts';
import type { Nodes } from './node/nodes.ts';
import { notifyActivities } from './notify/notify.ts';
import { operationActivities, viewActivities } from './operation.ts';
import { observeCluster } from './observe/observe-cluster.ts';
import { rotationActivities } from './rotations.ts';
import { awaitHealthyActivity } from './steps/await-healthy.ts';
import { certificateActivities } from './steps/certificates.ts';
import { containerActivities } from './steps/containers.ts';
import { departureActivities } from './steps/departure.ts';
import { destructionActivities } from './steps/destruction.ts';
import { etcdActivities } from './steps/etcd.ts';
import { membershipActivities } from './steps/membership/activities.ts';
import { kubernetesActivities } from './steps/kubernetes.ts';
import { imageActivities, nodeFileActivities } from './steps/node-files.ts';
import { resourceActivities } from './steps/resources.ts';
import { createPlaces } from './steps/places.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import type { Observation } from '../cluster/observation.ts';
import type { Store } from './store/store.ts';
import { backupActivities } from './backups/backups.ts';
import { snapshotBeforeChange } from './backups/snapshots.ts';
import { etcdUserActivities } from './etcd-users.ts';
import { sshKeyActivities } from './ssh-keys.ts';
import { vaultUpkeepActivities } from './vault-upkeep.ts';
import type { Vault } from './vault/vault.ts';
import { watchActivities } from './watch.ts';

/** The outside world, one port per system. */
export interface Ports {
  store: Store;
  vault: Vault;
  nodes: Nodes;
  etcd: EtcdClusters;
  kubernetes: Kubernetes;
  /** Directory of this machine where snapshots of etcd are kept, unless a declaration names another. */
  snapshots: string;
  /** Told what each look of an operation has seen, for the worker's gauges. */
  seen?: (look: { declaration: Declaration; observation: Observation }) => void;
  /** Signals the entity of a cluster. */
  wake: (cluster: string, because: string) => Promise<void>;
  /** Ends the daily upkeep of a cluster that is no more; none is fine. */
  endUpkeep: (cluster: string) => Promise<void>;
}

/** Everything that a worker registers: the rooms wired together. */
export function createActivities(ports: Ports): Activities {
  const { store, vault, nodes, etcd, kubernetes, snapshots, seen, wake, endUpkeep } = ports;
  const declarations = acceptedDeclarations(store.declarations);
  const credentials = ownCredentials(vault);
  const fence = createFence(store.epochs);
  const pause = (seconds: number) => sleep(seconds * 1000);
  const places = createPlaces({ declarations, nodes, store, vault });
  const onEtcd = { places, fence, declarations, store, etcd, credentials, pause };
  const observe = { store, nodes, etcd, kubernetes, credentials, vault };
  const campaigning = {
    store,
    declarations,
    vault,
    kubernetes,
    credentials,
    look: (declaration: Declaration) => observeCluster(observe, declaration),
    now: () => new Date(),
  };
  const looking = {
    ...operationActivities({ store, declarations, observe, ...(seen && { seen }) }),
    ...viewActivities({ store, declarations, observe }),
    ...certificateViewActivities({ declarations, observe }),
  };
  const patient = {
    ...approvalActivities({ store }),
    ...notifyActivities({ declarations, vault }),
    ...campaignActivities({ store, declarations, observe }),
    ...vaultUpkeepActivities({ vault, store }),
    ...etcdUserActivities({ declarations, store, etcd, credentials }),
    ...restoreActivities({ store, declarations, etcd, nodes, credentials }),
    ...sshKeyActivities({ declarations, nodes, vault }),
    ...rotationActivities(campaigning),
    ...keyChangeActivities({ ...campaigning, etcd }),
  };
  const steps = {
    ...nodeFileActivities({ places, fence, vault, store }),
    ...imageActivities({ places }),
    ...containerActivities({ places, fence }),
    ...awaitHealthyActivity({ places, credentials, kubernetes }),
    ...certificateActivities({ places, fence, store }),
    ...etcdActivities({
      ...onEtcd,
      recordEncryption: (declaration) => recordEncryption({ store, vault }, declaration),
    }),
    ...membershipActivities({
      ...onEtcd,
      snapshotBeforeChange: (declaration) => snapshotBeforeChange({ store, etcd, credentials, snapshots }, declaration),
    }),
    ...departureActivities({ places, fence, store, kubernetes, credentials }),
    ...destructionActivities({ places, fence, declarations, store, endUpkeep }),
    ...kubernetesActivities({ declarations, fence, store, kubernetes, credentials }),
    ...resourceActivities({ declarations, fence, store, kubernetes, credentials, vault }),
  };
  return {
    ...asActivities(looking, { attempts: 20, withoutVault: 4 }),
    ...asActivities(patient, { attempts: 20 }),
    ...asActivities(backupActivities({ declarations, store, etcd, vault, credentials, snapshots }), { attempts: 10 }),
    ...asActivities(steps),
    ...asActivities(watchActivities({ store, declarations, nodes, wake }), { attempts: Infinity }),
  };
}
