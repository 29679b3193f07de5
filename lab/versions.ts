/** What a program of Kubernetes says of its version is stamped when it is linked. */
function kubernetesModule(version: string) {
  const [major, minor] = version.split('.');
  const stamp = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((at) => [
    `-X ${at}.gitVersion=v${version}`,
    `-X ${at}.gitMajor=${major}`,
    `-X ${at}.gitMinor=${minor}`,
  ]);
  return { version, tags: '', stamp };
}

/** Where upgrades start: only labs that ask for them have these. */
export const olderKubernetes = '1.33.13';
export const olderEtcd = '3.6.15';

/** The pinned versions of everything that the lab runs; each module's go.mod and go.sum vouch for the sources. */
export const modules = {
  temporal: { version: '1.5.1', tags: '', stamp: [] },
  kubernetes: kubernetesModule('1.34.4'),
  'kubernetes-1.33': kubernetesModule(olderKubernetes),
  etcd: { version: '3.6.16', tags: '', stamp: [] },
  'etcd-3.6.15': { version: olderEtcd, tags: '', stamp: [] },
  vault: { version: '1.21.1', tags: 'minimal', stamp: [] },
  coredns: { version: '1.14.7', tags: '', stamp: [] },
  'metrics-server': {
    version: '0.8.0',
    tags: '',
    stamp: ['-X k8s.io/client-go/pkg/version.gitVersion=v0.8.0'],
  },
  crio: {
    version: '1.34.0',
    tags: 'containers_image_openpgp containers_image_ostree_stub exclude_graphdriver_btrfs',
    stamp: [],
  },
  helm: { version: '3.18.6', tags: '', stamp: ['-X helm.sh/helm/v3/internal/version.version=v3.18.6'] },
  pods: { version: '1.0.0', tags: '', stamp: [] },
  'vault-kms': { version: '1.4.0', tags: '', stamp: [] },
} as const satisfies Record<string, { version: string; tags: string; stamp: readonly string[] }>;

export type ModuleName = keyof typeof modules;

interface Tool {
  readonly module: ModuleName;
  readonly package: string;
  /** Arguments that make it print its version. */
  readonly askVersion: readonly string[];
  /** What the answer contains at the pinned version, where that is not the version itself. */
  readonly knownBy?: string;
}

const kubernetes = (name: string, askVersion: readonly string[] = ['--version']): Tool => ({
  module: 'kubernetes',
  package: `k8s.io/kubernetes/cmd/${name}`,
  askVersion,
});

const older = (name: string): Tool => ({ ...kubernetes(name), module: 'kubernetes-1.33' });

/** Every program that the lab may need. An older one bears its version in its name, as it does in the cache. */
export const tools = {
  temporal: {
    module: 'temporal',
    package: 'github.com/temporalio/cli/cmd/temporal',
    askVersion: ['--version'],
    knownBy: 'Server 1.29.1, UI 2.42.1',
  },
  vault: { module: 'vault', package: 'github.com/hashicorp/vault', askVersion: ['version'] },
  etcd: { module: 'etcd', package: 'go.etcd.io/etcd/server/v3', askVersion: ['--version'] },
  etcdctl: { module: 'etcd', package: 'go.etcd.io/etcd/etcdctl/v3', askVersion: ['version'] },
  etcdutl: { module: 'etcd', package: 'go.etcd.io/etcd/etcdutl/v3', askVersion: ['version'] },
  kubectl: kubernetes('kubectl', ['version', '--client']),
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  'kube-proxy': kubernetes('kube-proxy'),
  kubelet: kubernetes('kubelet'),
  'etcd-3.6.15': { module: 'etcd-3.6.15', package: 'go.etcd.io/etcd/server/v3', askVersion: ['--version'] },
  'kube-apiserver-1.33.13': older('kube-apiserver'),
  'kube-controller-manager-1.33.13': older('kube-controller-manager'),
  'kube-scheduler-1.33.13': older('kube-scheduler'),
  'kube-proxy-1.33.13': older('kube-proxy'),
  'kubelet-1.33.13': older('kubelet'),
  coredns: { module: 'coredns', package: 'github.com/coredns/coredns', askVersion: ['-version'] },
  'metrics-server': {
    module: 'metrics-server',
    package: 'sigs.k8s.io/metrics-server/cmd/metrics-server',
    askVersion: ['--version'],
  },
  helm: { module: 'helm', package: 'helm.sh/helm/v3/cmd/helm', askVersion: ['version', '--short'] },
  crio: { module: 'crio', package: 'github.com/cri-o/cri-o/cmd/crio', askVersion: ['--version'] },
  'vault-kubernetes-kms': { module: 'vault-kms', package: '.', askVersion: ['-version'] },
  'cke-lab-pause': { module: 'pods', package: './pause', askVersion: ['-version'] },
  'cke-lab-unbound-exporter': { module: 'pods', package: './unbound-exporter', askVersion: ['-version'] },
  'cke-lab-echo': { module: 'pods', package: './echo', askVersion: ['-version'] },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

/** Whether a program's answer to `askVersion` is that of the pinned version. */
export function isPinned(name: ToolName, answer: string): boolean {
  const tool: Tool = tools[name];
  return answer.includes(tool.knownBy ?? modules[tool.module].version);
}
