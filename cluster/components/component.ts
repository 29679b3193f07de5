/** The containers that we run on nodes, by the names that CKE gave them: its runbooks hold. */
export const components = [
  'rivers',
  'etcd-rivers',
  'etcd',
  'vault-kms',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
] as const;

export type Component = (typeof components)[number];

/** Components that only control planes run. */
export const controlPlaneComponents: readonly Component[] = [
  'etcd-rivers',
  'etcd',
  'vault-kms',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
];
