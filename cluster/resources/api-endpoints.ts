import { ports } from '../components/endpoint.ts';
import { endpointSlice, type BareService, type Endpoints } from './endpoint-slice.ts';
import type { KubernetesObject } from './kubernetes-object.ts';

/** How pods reach the API. API servers leave its addresses to us (`--endpoint-reconciler-type=none`). */
export const apiService: BareService = {
  namespace: 'default',
  name: 'kubernetes',
  port: { name: 'https', port: ports.apiServer },
};

/** The Endpoints object default/kubernetes, kept from being mirrored: the slice is ours, too. */
export function apiEndpointsObject({ ready, notReady }: Endpoints): KubernetesObject {
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

function subset({ ready, notReady }: Endpoints) {
  return {
    ...(ready.length > 0 && { addresses: ready.map((ip) => ({ ip })) }),
    ...(notReady.length > 0 && { notReadyAddresses: notReady.map((ip) => ({ ip })) }),
    ports: [{ ...apiService.port, protocol: 'TCP' }],
  };
}

/** The EndpointSlice default/kubernetes. */
export const apiEndpointSlice = (endpoints: Endpoints): KubernetesObject => endpointSlice(apiService, endpoints);
