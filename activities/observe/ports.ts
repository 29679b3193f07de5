import type { Declaration } from '../../cluster/declaration/declaration.ts';
import type { Observation } from '../../cluster/observation.ts';
import type { EtcdClusters } from '../etcd/clusters.ts';
import type { Kubernetes } from '../kubernetes/kubernetes.ts';
import type { Nodes } from '../node/nodes.ts';
import type { OwnCredentials } from '../credentials.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

/** What is needed to look at a cluster. */
export interface ObservePorts {
  store: Pick<Store, 'records' | 'resources'>;
  nodes: Nodes;
  etcd: Pick<EtcdClusters, 'observe'>;
  kubernetes: Pick<Kubernetes, 'observe' | 'probe' | 'listResources'>;
  credentials: OwnCredentials;
  vault: Pick<Vault, 'authorityBundle'>;
}

/** One look at a cluster. */
export type Look = (declaration: Declaration) => Promise<Observation>;
