import type { KubernetesObject } from './kubernetes-object.ts';

/** Addresses behind a Service without a selector. */
export interface Endpoints {
  ready: string[];
  notReady: string[];
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
  { ready, notReady }: Endpoints,
): KubernetesObject {
  const entries = [
    ...ready.map((address) => ({ address, ready: true })),
    ...notReady.map((address) => ({ address, ready: false })),
  ];
  const sorted = entries.sort((a, b) => (a.address < b.address ? -1 : 1));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace,
      name,
      labels: { 'endpointslice.kubernetes.io/managed-by': managedBy, 'kubernetes.io/service-name': name },
    },
    addressType: sorted.some(({ address }) => address.includes(':')) ? 'IPv6' : 'IPv4',
    endpoints: sorted.map(({ address, ready: isReady }) => ({ addresses: [address], conditions: { ready: isReady } })),
    ports: [{ ...port, protocol: 'TCP' }],
  };
}
