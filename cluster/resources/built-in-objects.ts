import { kubeletClientUser } from '../certificates/catalogue.ts';
import type { KubernetesObject } from './kubernetes-object.ts';

const metadata = (name: string): KubernetesObject['metadata'] => ({
  name,
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
});

const kubeletAccess = 'system:kube-apiserver-to-kubelet';

/** What an API server may do at kubelets: logs, exec, metrics. */
const apiserverToKubelet: KubernetesObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: metadata(kubeletAccess),
  rules: [
    {
      apiGroups: [''],
      resources: ['proxy', 'stats', 'log', 'spec', 'metrics', 'configz', 'healthz', 'pods'].map(
        (part) => `nodes/${part}`,
      ),
      verbs: ['*'],
    },
  ],
};

/** The name is CKE's, the user is not: API servers show kubelets a certificate of its own. */
const apiserverBinding: KubernetesObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: metadata('system:kube-apiserver'),
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: kubeletAccess },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: kubeletClientUser }],
};

/** The objects that every cluster has, in the order in which they are applied. */
export function builtInObjects(): KubernetesObject[] {
  return [apiserverToKubelet, apiserverBinding];
}
