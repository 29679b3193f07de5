import type { Declaration } from '../../declaration/declaration.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { apiServerAccess } from './api-server-access.ts';
import { clusterDns } from './cluster-dns.ts';
import { etcdServiceObject } from './etcd-service.ts';
import { nodeDns } from './node-dns.ts';

/** What the objects that every cluster has are made from. */
export interface BuiltInInput {
  declaration: Declaration;
  /** Resolvers for names outside of the cluster: `dns_servers`, or the address of `dns_service`; none: the node's own. */
  upstreams: readonly string[];
}

/** The objects that every cluster has. Those that run pods come last: what they refer to is there by then. */
export function builtInObjects(input: BuiltInInput): KubernetesObject[] {
  const objects = [...apiServerAccess(), etcdServiceObject, ...clusterDns(input), ...nodeDns(input)];
  return [...objects.filter((one) => !runsPods(one)), ...objects.filter(runsPods)];
}

/** Whether an object makes pods. */
export function runsPods({ kind }: Pick<KubernetesObject, 'kind'>): boolean {
  return kind === 'Deployment' || kind === 'DaemonSet';
}
