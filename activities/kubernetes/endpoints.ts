import { V1Endpoints, V1EndpointSlice } from '@kubernetes/client-node';
import { apiEndpointsObject, apiEndpointSlice, type ApiEndpoints } from '../../cluster/resources/api-endpoints.ts';
import { applyAt, readAt } from './objects.ts';
import type { ApiServer } from './servers.ts';

/** Sets both objects behind the Service default/kubernetes. The slice is what kube-proxy reads: it goes first. */
export async function setEndpointsAt(server: ApiServer, endpoints: ApiEndpoints): Promise<void> {
  await applyAt(server, apiEndpointSlice(endpoints));
  await applyAt(server, apiEndpointsObject(endpoints));
}

/** The addresses behind the Service, as far as both objects agree: ready only where both say so. */
export async function endpointsAt(server: ApiServer): Promise<ApiEndpoints> {
  const none: ApiEndpoints = { ready: [], notReady: [] };
  const [slice, endpoints] = await Promise.all([
    readAt(server, apiEndpointSlice(none)),
    readAt(server, apiEndpointsObject(none)),
  ]);
  return agreement(
    slice instanceof V1EndpointSlice ? ofSlice(slice) : none,
    endpoints instanceof V1Endpoints ? ofEndpoints(endpoints) : none,
  );
}

function agreement(a: ApiEndpoints, b: ApiEndpoints): ApiEndpoints {
  const ready = a.ready.filter((address) => b.ready.includes(address)).sort();
  const all = new Set([...a.ready, ...a.notReady, ...b.ready, ...b.notReady]);
  return { ready, notReady: [...all].filter((address) => !ready.includes(address)).sort() };
}

function ofSlice({ endpoints }: V1EndpointSlice): ApiEndpoints {
  const list = endpoints ?? [];
  const addresses = (some: typeof list) => some.flatMap((one) => one.addresses);
  return {
    ready: addresses(list.filter(({ conditions }) => conditions?.ready !== false)),
    notReady: addresses(list.filter(({ conditions }) => conditions?.ready === false)),
  };
}

function ofEndpoints({ subsets }: V1Endpoints): ApiEndpoints {
  const list = subsets ?? [];
  return {
    ready: list.flatMap(({ addresses }) => (addresses ?? []).map(({ ip }) => ip)),
    notReady: list.flatMap(({ notReadyAddresses }) => (notReadyAddresses ?? []).map(({ ip }) => ip)),
  };
}
