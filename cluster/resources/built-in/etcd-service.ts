import { ports } from '../../components/endpoint.ts';
import { endpointSlice, type BareService, type Endpoints } from '../endpoint-slice.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { builtIn } from './labels.ts';

/** The cluster's etcd, for applications that have a user of their own in it (`cke-client etcd user add`); CKE's name. */
const etcdService: BareService = {
  namespace: 'kube-system',
  name: 'cke-etcd',
  port: { name: 'etcd', port: ports.etcdClient },
};

/** The headless Service kube-system/cke-etcd: its name resolves to the members that are in sync. */
export const etcdServiceObject: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: etcdService.namespace, name: etcdService.name, labels: builtIn },
  spec: { clusterIP: 'None', ports: [{ ...etcdService.port, protocol: 'TCP', targetPort: ports.etcdClient }] },
};

/** The EndpointSlice kube-system/cke-etcd. */
export const etcdEndpointSlice = (endpoints: Endpoints): KubernetesObject => endpointSlice(etcdService, endpoints);
