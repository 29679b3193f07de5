import type { Declaration } from './declaration.ts';
import { nthAddress } from './subnet.ts';

/** The cluster IP of the Service default/kubernetes: the first address of `service_subnet`. */
export function apiServiceAddress({ service_subnet }: Pick<Declaration, 'service_subnet'>): string {
  return nthAddress(service_subnet, 1);
}

/** The DNS domain of the cluster: `clusterDomain` of the kubelet's configuration, or cluster.local. */
export function clusterDomain({ options }: Pick<Declaration, 'options'>): string {
  const declared = options.kubelet.config?.['clusterDomain'];
  return typeof declared === 'string' && declared !== '' ? declared : 'cluster.local';
}
