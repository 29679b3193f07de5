import { sameSet } from '../same-set.ts';
import type { KubernetesObject } from './kubernetes-object.ts';

/** Addresses behind a Service without a selector. */
export interface Endpoints {
  ready: string[];
  notReady: string[];
  /** Those of `notReady` that serve still and are about to be taken away: used by what finds nobody else. */
  draining?: string[];
}

/** Whether the same addresses are asked, not asked, and about to go. */
export function sameEndpoints(a: Endpoints, b: Endpoints): boolean {
  return sameSet(a.ready, b.ready) && sameSet(a.notReady, b.notReady) && sameSet(a.draining ?? [], b.draining ?? []);
}

/** The addresses in something that holds more. */
export function endpointsIn({ ready, notReady, draining = [] }: Endpoints): Endpoints {
  return { ready, notReady, ...(draining.length > 0 && { draining }) };
}

/** A Service without a selector: its addresses are set by us. */
export interface BareService {
  namespace: string;
  name: string;
  port: { name: string; port: number };
}

const managedBy = 'cke.cybozu.com';

/** What kube-proxy and cluster DNS read about a Service that has no selector. */
export function endpointSlice(
  { namespace, name, port }: BareService,
  { ready, notReady, draining = [] }: Endpoints,
): KubernetesObject {
  const conditionsOf = (address: string) => ({
    ready: ready.includes(address),
    ...(draining.includes(address) && { serving: true, terminating: true }),
  });
  const sorted = [...ready, ...notReady].sort();
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace,
      name,
      labels: { 'endpointslice.kubernetes.io/managed-by': managedBy, 'kubernetes.io/service-name': name },
    },
    addressType: sorted.some((address) => address.includes(':')) ? 'IPv6' : 'IPv4',
    endpoints: sorted.map((address) => ({ addresses: [address], conditions: conditionsOf(address) })),
    ports: [{ ...port, protocol: 'TCP' }],
  };
}
