import type { KubernetesObject } from '../kubernetes-object.ts';
import { groupOf } from './resource-key.ts';

const clusterScoped: Record<string, readonly string[]> = {
  '': ['Namespace', 'Node', 'PersistentVolume'],
  'admissionregistration.k8s.io': [
    'MutatingWebhookConfiguration',
    'ValidatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
  ],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  'certificates.k8s.io': ['CertificateSigningRequest', 'ClusterTrustBundle'],
  'flowcontrol.apiserver.k8s.io': ['FlowSchema', 'PriorityLevelConfiguration'],
  'networking.k8s.io': ['IngressClass', 'IPAddress', 'ServiceCIDR'],
  'node.k8s.io': ['RuntimeClass'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding'],
  'resource.k8s.io': ['DeviceClass', 'ResourceSlice'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass'],
  apps: [],
  autoscaling: [],
  batch: [],
  'coordination.k8s.io': [],
  'discovery.k8s.io': [],
  'events.k8s.io': [],
  policy: [],
};

/** Whether a group is Kubernetes' own; projects beside it have groups that look much alike. */
export const isKubernetesOwn = (group: string): boolean => group in clusterScoped;

/** Whether a kind of Kubernetes' own lives in namespaces; undefined for others, which only their API server knows. */
export function isNamespaced({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): boolean | undefined {
  const kinds = clusterScoped[groupOf(apiVersion)];
  return kinds === undefined ? undefined : !kinds.includes(kind);
}
