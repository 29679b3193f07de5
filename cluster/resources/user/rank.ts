import { nameOf, type ResourceKey } from './resource-key.ts';
import { isKubernetesOwn } from './scope.ts';

/** What others stand on comes first. Kinds of one line are applied side by side. Reference §6.3, and what users of Helm expect. */
const order: readonly (readonly string[])[] = [
  ['Namespace'],
  ['CustomResourceDefinition'],
  ['ServiceAccount', 'PriorityClass', 'RuntimeClass', 'StorageClass', 'IngressClass', 'CSIDriver', 'DeviceClass'],
  ['ClusterRole', 'Role'],
  ['ClusterRoleBinding', 'RoleBinding'],
  ['ResourceQuota', 'LimitRange', 'NetworkPolicy'],
  ['ConfigMap', 'Secret'],
  ['PersistentVolume', 'PersistentVolumeClaim'],
  ['Service', 'Endpoints', 'EndpointSlice', 'PodDisruptionBudget'],
];

const workloads = [
  'Deployment',
  'DaemonSet',
  'StatefulSet',
  'ReplicaSet',
  'ReplicationController',
  'Pod',
  'Job',
  'CronJob',
];
const last = ['APIService', 'ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'];
const policies = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'];

const [workloadRank, otherRank, lastRank] = [order.length, order.length + 1, order.length + 2];

/** When an object is applied: lower ones before higher ones. Custom resources come after workloads: their operators may check them. */
export function rankOf(key: ResourceKey): number {
  const { group, kind } = nameOf(key);
  if (!isKubernetesOwn(group)) return otherRank;
  if (last.includes(kind) || policies.includes(kind)) return lastRank;
  if (workloads.includes(kind)) return workloadRank;
  const found = order.findIndex((kinds) => kinds.includes(kind));
  return found === -1 ? otherRank : found;
}

/** By rank, then by key: the same order each time. */
export function inOrder(keys: readonly ResourceKey[]): ResourceKey[] {
  return keys.toSorted((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
}

/** Whether pods come of it: they wait until the cluster has nodes to spread over. */
export const isWorkload = (key: ResourceKey): boolean => rankOf(key) === workloadRank;

/** Whether deleting it deletes what others have put there: a person is asked. */
export function takesMoreAlong(key: ResourceKey): boolean {
  const { group, kind } = nameOf(key);
  return isKubernetesOwn(group) && ['CustomResourceDefinition', 'Namespace', 'PersistentVolumeClaim'].includes(kind);
}
