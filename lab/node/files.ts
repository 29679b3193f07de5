import type { LabRecord, NodeRecord } from '../state.ts';

/** One file that is laid over a node's root at each boot. */
export interface NodeFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

export interface NodeFilesOptions {
  readonly lab: Pick<LabRecord, 'gateway' | 'prefixLength' | 'nodes'>;
  readonly node: NodeRecord;
  /** 32 hexadecimal digits, the same at each boot. */
  readonly machineId: string;
  readonly authorizedKey: string;
  /** The kernel refuses CAP_SYS_RESOURCE, so that runc needs a wrapper that doesn't ask for it. */
  readonly runtime: 'runc' | 'wrapped-runc';
}

/** The image that containerd puts under every pod. */
export const pauseImage = 'registry.k8s.io/pause:3.10';
const wrapper = '/usr/local/sbin/runc-lab';

/** What container runtimes of a node run. */
export const runcPath = (runtime: NodeFilesOptions['runtime']): string =>
  runtime === 'runc' ? '/usr/sbin/runc' : wrapper;

/** Everything that is particular to one node, as files. */
export function nodeFiles(options: NodeFilesOptions): NodeFile[] {
  const { lab, node, machineId, authorizedKey, runtime } = options;
  return [
    plain('etc/hostname', `${node.name}\n`),
    plain('etc/hosts', hosts(lab.nodes, node)),
    plain('etc/machine-id', `${machineId}\n`),
    plain('etc/resolv.conf', 'options timeout:1 attempts:1\n'),
    plain(
      'etc/lab-node.env',
      `NODE_ADDRESS=${node.address}\nNODE_PREFIX=${lab.prefixLength}\nNODE_GATEWAY=${lab.gateway}\n`,
    ),
    plain('etc/ssh/sshd_config', sshdConfig),
    plain('etc/ssh/authorized_keys/cke', `${authorizedKey.trim()}\n`),
    plain('etc/docker/daemon.json', dockerConfig(runtime)),
    plain('etc/containerd/config.toml', containerdConfig(runtime)),
    ...(runtime === 'wrapped-runc' ? [plain(wrapper.slice(1), runcWrapper, 0o755)] : []),
  ];
}

function plain(path: string, text: string, mode = 0o644): NodeFile {
  return { path, text, mode };
}

function hosts(nodes: readonly NodeRecord[], self: NodeRecord): string {
  const lines = [...nodes.filter(({ name }) => name !== self.name), self].map(
    ({ address, name }) => `${address} ${name}`,
  );
  return ['127.0.0.1 localhost', '::1 localhost', ...lines, ''].join('\n');
}

const sshdConfig = `Port 22
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/ssh/authorized_keys/%u
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
MaxStartups 100
MaxSessions 200
`;

function dockerConfig(runtime: NodeFilesOptions['runtime']): string {
  const wrapped = { runtimes: { lab: { path: wrapper } }, 'default-runtime': 'lab' };
  const settings = {
    iptables: false,
    bridge: 'none',
    'storage-driver': 'overlay2',
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    'shutdown-timeout': 3,
    ...(runtime === 'wrapped-runc' ? wrapped : {}),
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

function containerdConfig(runtime: NodeFilesOptions['runtime']): string {
  return `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = ${runtime === 'wrapped-runc'}
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
${runtime === 'wrapped-runc' ? `      BinaryName = "${wrapper}"\n` : ''}`;
}

/** Takes out of the bundle, or of what is to be executed in it, what a kernel without CAP_SYS_RESOURCE refuses, then hands over to runc. */
const runcWrapper = `#!/bin/sh
verb=
bundle=.
process=
previous=
for argument in "$@"; do
  case $previous in
    --bundle | -b) bundle=$argument ;;
    --process | -p) process=$argument ;;
  esac
  case $argument in
    --bundle=*) bundle=\${argument#--bundle=} ;;
    --process=*) process=\${argument#--process=} ;;
    create | run | exec) [ -n "$verb" ] || verb=$argument ;;
  esac
  previous=$argument
done
case $verb in
  create | run) file=$bundle/config.json ;;
  exec) file=$process ;;
  *) file= ;;
esac
if [ -n "$file" ]; then
  sed -i -z -e 's/"CAP_SYS_RESOURCE",//g' -e 's/,[[:space:]]*"CAP_SYS_RESOURCE"//g' -e 's/"oomScoreAdj": *-[0-9]*/"oomScoreAdj":0/g' "$file"
fi
exec /usr/sbin/runc "$@"
`;
