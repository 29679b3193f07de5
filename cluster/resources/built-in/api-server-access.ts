import { kubeletClientUser } from '../../certificates/catalogue.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { bootstrapping } from './labels.ts';

const kubeletAccess = 'system:kube-apiserver-to-kubelet';

/** What an API server may do at kubelets: logs, exec, metrics. */
const apiserverToKubelet: KubernetesObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: kubeletAccess, labels: bootstrapping },
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
  metadata: { name: 'system:kube-apiserver', labels: bootstrapping },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: kubeletAccess },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: kubeletClientUser }],
};

/** What API servers need to be allowed at kubelets. */
export function apiServerAccess(): KubernetesObject[] {
  return [apiserverToKubelet, apiserverBinding];
}
