import { V1Endpoints, V1EndpointSlice } from '@kubernetes/client-node';
import { apiEndpointsObject, apiEndpointSlice } from '../../cluster/resources/api-endpoints.ts';
import { etcdEndpointSlice } from '../../cluster/resources/built-in/etcd-service.ts';
import { endpointsIn, type Endpoints } from '../../cluster/resources/endpoint-slice.ts';
import { applyAt, readAt } from './objects.ts';
import type { ApiServer } from './servers.ts';

const none: Endpoints = { ready: [], notReady: [] };

/** Sets both objects behind the Service default/kubernetes. The slice is what kube-proxy reads: it goes first. */
export async function setApiEndpointsAt(server: ApiServer, endpoints: Endpoints): Promise<void> {
  await applyAt(server, apiEndpointSlice(endpoints));
  await applyAt(server, apiEndpointsObject(endpoints));
}

/** The addresses behind the Service default/kubernetes, as far as both objects agree: ready only where both say so. */
export async function apiEndpointsAt(server: ApiServer): Promise<Endpoints> {
  const [slice, endpoints] = await Promise.all([
    sliceAt(server, apiEndpointSlice),
    readAt(server, apiEndpointsObject(none)),
  ]);
  return agreement(slice, endpoints instanceof V1Endpoints ? ofEndpoints(endpoints) : none);
}

/** Sets the addresses behind the Service kube-system/cke-etcd. */
export function setEtcdEndpointsAt(server: ApiServer, endpoints: Endpoints): Promise<void> {
  return applyAt(server, etcdEndpointSlice(endpoints));
}

/** The addresses behind the Service kube-system/cke-etcd. */
export function etcdEndpointsAt(server: ApiServer): Promise<Endpoints> {
  return sliceAt(server, etcdEndpointSlice);
}

async function sliceAt(server: ApiServer, sliceOf: typeof etcdEndpointSlice): Promise<Endpoints> {
  const slice = await readAt(server, sliceOf(none));
  return slice instanceof V1EndpointSlice ? ofSlice(slice) : none;
}

function agreement(slice: Endpoints, older: Endpoints): Endpoints {
  const ready = slice.ready.filter((address) => older.ready.includes(address)).sort();
  const all = new Set([...slice.ready, ...slice.notReady, ...older.ready, ...older.notReady]);
  const notReady = [...all].filter((address) => !ready.includes(address)).sort();
  // The older object knows no draining.
  return endpointsIn({ ready, notReady, draining: slice.draining ?? [] });
}

function ofSlice({ endpoints }: V1EndpointSlice): Endpoints {
  const list = endpoints ?? [];
  const addresses = (some: typeof list) => some.flatMap((one) => one.addresses);
  return endpointsIn({
    ready: addresses(list.filter(({ conditions }) => conditions?.ready !== false)),
    notReady: addresses(list.filter(({ conditions }) => conditions?.ready === false)),
    draining: addresses(list.filter(({ conditions }) => conditions?.terminating === true)),
  });
}

function ofEndpoints({ subsets }: V1Endpoints): Endpoints {
  const list = subsets ?? [];
  return {
    ready: list.flatMap(({ addresses }) => (addresses ?? []).map(({ ip }) => ip)),
    notReady: list.flatMap(({ notReadyAddresses }) => (notReadyAddresses ?? []).map(({ ip }) => ip)),
  };
}
