/** Images that a cluster needs; `rivers` also runs etcd-rivers. */
export const imageNames = [
  'etcd',
  'rivers',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'coredns',
  'unbound',
  'unbound-exporter',
  'vault-kms',
] as const;

export type ImageName = (typeof imageNames)[number];

/** Image references for an exact Kubernetes version (`1.34.4`) where the declaration names none. */
export function defaultImages(kubernetesVersion: string): Record<ImageName, string> {
  const kubernetes = (component: string) => `registry.k8s.io/${component}:v${kubernetesVersion}`;
  return {
    etcd: 'quay.io/coreos/etcd:v3.6.16',
    rivers: 'haproxy:3.0.10',
    'kube-apiserver': kubernetes('kube-apiserver'),
    'kube-controller-manager': kubernetes('kube-controller-manager'),
    'kube-scheduler': kubernetes('kube-scheduler'),
    'kube-proxy': kubernetes('kube-proxy'),
    kubelet: `ghcr.io/siderolabs/kubelet:v${kubernetesVersion}`,
    coredns: 'registry.k8s.io/coredns/coredns:v1.14.7',
    unbound: 'ghcr.io/cybozu/unbound:1.25.1.1',
    'unbound-exporter': 'ghcr.io/cybozu/unbound_exporter:0.5.0.4',
    'vault-kms': 'ghcr.io/falcosuessgott/vault-kubernetes-kms:v1.4.0',
  };
}
