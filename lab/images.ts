import { pauseImage } from './node/files.ts';
import { olderEtcd, olderKubernetes } from './versions.ts';
import type { ToolName } from './versions.ts';

/** An image that the lab makes itself, under the name that the project's declaration uses by default. */
export interface ImageRecipe {
  readonly name: string;
  readonly from: 'scratch' | 'debian';
  /** Programs that go to /usr/local/bin, by their name there. */
  readonly programs: Readonly<Record<string, ToolName>>;
  /** Dockerfile lines; they follow those of the image that bears this name on its registry. */
  readonly configuration: readonly string[];
  /** Pods run it: it has to be in containerd as well. */
  readonly forPods: 'yes' | 'no';
}

const path = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const kubernetes = (name: 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler'): ImageRecipe => ({
  name: `registry.k8s.io/${name}:v1.34.4`,
  from: 'scratch',
  programs: { [name]: name },
  configuration: [path],
  forPods: 'no',
});

export const debianImage = 'cke.lab/debian:12';
export const busyboxImage = 'cke.lab/busybox:1';

/** Every image of a lab but the two plain roots above. */
export const imageRecipes: readonly ImageRecipe[] = [
  kubernetes('kube-apiserver'),
  kubernetes('kube-controller-manager'),
  kubernetes('kube-scheduler'),
  {
    name: 'registry.k8s.io/kube-proxy:v1.34.4',
    from: 'debian',
    programs: { 'kube-proxy': 'kube-proxy' },
    configuration: [],
    forPods: 'no',
  },
  {
    name: 'ghcr.io/siderolabs/kubelet:v1.34.4',
    from: 'debian',
    programs: { kubelet: 'kubelet' },
    configuration: ['ENTRYPOINT ["/usr/local/bin/kubelet"]'],
    forPods: 'no',
  },
  {
    name: 'quay.io/coreos/etcd:v3.6.16',
    from: 'scratch',
    programs: { etcd: 'etcd', etcdctl: 'etcdctl', etcdutl: 'etcdutl' },
    configuration: [path, 'CMD ["/usr/local/bin/etcd"]'],
    forPods: 'no',
  },
  {
    name: 'haproxy:3.0.10',
    from: 'debian',
    programs: {},
    configuration: [
      'STOPSIGNAL SIGUSR1',
      'USER haproxy',
      'CMD ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]',
    ],
    forPods: 'no',
  },
  {
    name: 'registry.k8s.io/coredns/coredns:v1.14.7',
    from: 'scratch',
    programs: { coredns: 'coredns' },
    configuration: [path, 'ENTRYPOINT ["/usr/local/bin/coredns"]'],
    forPods: 'yes',
  },
  {
    name: 'ghcr.io/cybozu/unbound:1.25.1.1',
    from: 'debian',
    programs: {},
    configuration: ['ENTRYPOINT ["unbound", "-d", "-p"]'],
    forPods: 'yes',
  },
  {
    name: 'ghcr.io/cybozu/unbound_exporter:0.5.0.4',
    from: 'scratch',
    programs: { unbound_exporter: 'cke-lab-unbound-exporter' },
    configuration: ['ENTRYPOINT ["/usr/local/bin/unbound_exporter"]'],
    forPods: 'yes',
  },
  {
    name: pauseImage,
    from: 'scratch',
    programs: { pause: 'cke-lab-pause' },
    configuration: ['ENTRYPOINT ["/usr/local/bin/pause"]'],
    forPods: 'yes',
  },
  {
    name: 'cke.lab/echo:1',
    from: 'scratch',
    programs: { echo: 'cke-lab-echo' },
    configuration: ['EXPOSE 8080', 'ENTRYPOINT ["/usr/local/bin/echo"]'],
    forPods: 'yes',
  },
];

type Upgraded = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kube-proxy' | 'kubelet' | 'etcd';

const olderTools: Readonly<Record<Upgraded, ToolName>> = {
  'kube-apiserver': 'kube-apiserver-1.33.13',
  'kube-controller-manager': 'kube-controller-manager-1.33.13',
  'kube-scheduler': 'kube-scheduler-1.33.13',
  'kube-proxy': 'kube-proxy-1.33.13',
  kubelet: 'kubelet-1.33.13',
  etcd: 'etcd-3.6.15',
};

/** What an upgrade starts from: the same images, one minor of Kubernetes and one patch of etcd before. */
const olderImageRecipes: readonly ImageRecipe[] = imageRecipes.flatMap((recipe) => {
  const [name] = Object.keys(olderTools).filter((program) => recipe.name.includes(`/${program}:`));
  if (name === undefined) return [];
  const version = name === 'etcd' ? olderEtcd : olderKubernetes;
  return [
    {
      ...recipe,
      name: recipe.name.replace(/:v.*$/, `:v${version}`),
      programs: { [name]: olderTools[name as Upgraded] },
    },
  ];
});

/** For labs in which `kubectl top` is to say something. */
const metricsServer: ImageRecipe = {
  name: 'registry.k8s.io/metrics-server/metrics-server:v0.8.0',
  from: 'scratch',
  programs: { 'metrics-server': 'metrics-server' },
  configuration: ['ENTRYPOINT ["/usr/local/bin/metrics-server"]'],
  forPods: 'yes',
};

/**
 * For labs whose Secrets are encrypted by Vault: a plugin of our own with the flags of the one that bears this name on its registry, whose module
 * nobody serves.
 */
const vaultKms: ImageRecipe = {
  name: 'ghcr.io/falcosuessgott/vault-kubernetes-kms:v1.4.0',
  from: 'scratch',
  programs: { 'vault-kubernetes-kms': 'vault-kubernetes-kms' },
  configuration: [
    'COPY root/usr/local/bin/vault-kubernetes-kms /vault-kubernetes-kms',
    'ENTRYPOINT ["/vault-kubernetes-kms"]',
  ],
  forPods: 'no',
};

/** What some labs' nodes hold besides the present images; only these labs have it built. */
export const moreImages = {
  'older too': olderImageRecipes,
  'metrics-server too': [metricsServer],
  'kms too': [vaultKms],
} as const satisfies Record<string, readonly ImageRecipe[]>;

/** The programs that building images takes. */
export function toolsOf(recipes: readonly ImageRecipe[]): ToolName[] {
  return recipes.flatMap(({ programs }) => Object.values(programs));
}
