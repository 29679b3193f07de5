import { ports } from '../components/endpoint.ts';
import type { KubernetesObject } from './kubernetes-object.ts';

/** Addresses behind the Service default/kubernetes. API servers leave them to us (`--endpoint-reconciler-type=none`). */
export interface ApiEndpoints {
  ready: string[];
  notReady: string[];
}

const managedBy = 'cke.cybozu.com';

/** The Endpoints object default/kubernetes, kept from being mirrored: the slice is ours, too. */
export function apiEndpointsObject({ ready, notReady }: ApiEndpoints): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      namespace: 'default',
      name: 'kubernetes',
      labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: ready.length + notReady.length === 0 ? [] : [subset({ ready, notReady })],
  };
}

function subset({ ready, notReady }: ApiEndpoints) {
  return {
    ...(ready.length > 0 && { addresses: ready.map((ip) => ({ ip })) }),
    ...(notReady.length > 0 && { notReadyAddresses: notReady.map((ip) => ({ ip })) }),
    ports: [{ name: 'https', port: ports.apiServer, protocol: 'TCP' }],
  };
}

/** The EndpointSlice default/kubernetes: what kube-proxy and cluster DNS read. */
export function apiEndpointSlice({ ready, notReady }: ApiEndpoints): KubernetesObject {
  const entries = [
    ...ready.map((address) => ({ address, ready: true })),
    ...notReady.map((address) => ({ address, ready: false })),
  ];
  const sorted = entries.sort((a, b) => (a.address < b.address ? -1 : 1));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: 'default',
      name: 'kubernetes',
      labels: { 'endpointslice.kubernetes.io/managed-by': managedBy, 'kubernetes.io/service-name': 'kubernetes' },
    },
    addressType: sorted.some(({ address }) => address.includes(':')) ? 'IPv6' : 'IPv4',
    endpoints: sorted.map(({ address, ready: isReady }) => ({ addresses: [address], conditions: { ready: isReady } })),
    ports: [{ name: 'https', port: ports.apiServer, protocol: 'TCP' }],
  };
}
