/** Manifests of others that belong to a cluster: fetched when the declaration is applied, pinned by what they are. */
export interface Addon {
  name: string;
  /** `https://…` (or `http://…`), or a file of the machine that applies. */
  source: string;
  /** SHA-256 of the bytes, in hexadecimal digits. */
  sha256: string;
  /** Images to put in the place of those that the manifests name. */
  images: Record<string, string>;
}

/** Where the makers of well-known add-ons publish their manifests. */
export const knownAddons: Readonly<Record<string, string>> = {
  flannel: 'https://github.com/flannel-io/flannel/releases/download/v0.27.0/kube-flannel.yml',
  calico: 'https://raw.githubusercontent.com/projectcalico/calico/v3.30.0/manifests/calico.yaml',
  'ingress-nginx':
    'https://raw.githubusercontent.com/kubernetes/ingress-nginx/controller-v1.13.0/deploy/static/provider/baremetal/deploy.yaml',
  'metrics-server': 'https://github.com/kubernetes-sigs/metrics-server/releases/download/v0.8.0/components.yaml',
};
