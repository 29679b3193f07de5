import type Docker from 'dockerode';
import { gte } from 'semver';
import { componentsOf } from '../../cluster/components/component-spec.ts';
import type { Component } from '../../cluster/components/component.ts';
import type { Declaration, NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import { optionsOf } from '../../cluster/declaration/pools.ts';
import type { KubeletOptions } from '../../cluster/declaration/service-options.ts';
import { awaitContainer, createContainer, lastLines, removeContainer, startContainer } from './container-calls.ts';
import type { NodeDocker } from './docker.ts';
import type { Engine } from './engine.ts';
import { lackingOf, parseFacts, type Demands } from './preflight-facts.ts';

const containerName = 'cke-preflight';

/** Prints what only the node itself knows; a fixed text. */
const factScript = `cat /proc/swaps | sed 's/^/swap /'
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | sed 's/^/tcp /'
grep -q overlay /proc/filesystems && echo 'filesystem overlay'
for setting in net/ipv4/ip_forward net/bridge/bridge-nf-call-iptables net/netfilter/nf_conntrack_count; do
  [ ! -r "/proc/sys/$setting" ] || echo "setting $setting $(cat "/proc/sys/$setting")"
done
df -Pk /host/lib | tail -n 1 | sed 's/^/disk /'
for file in $(ls /host/cni 2>/dev/null); do echo "cni $file"; done
for socket in $(find /host/run -maxdepth 3 -type s 2>/dev/null); do echo "socket \${socket#/host}"; done
`;

const portsOf: Record<Component, number[]> = {
  rivers: [16443],
  'etcd-rivers': [12379],
  etcd: [2379, 2380],
  'vault-kms': [10270],
  'kube-apiserver': [6443],
  'kube-controller-manager': [10257],
  'kube-scheduler': [10259],
  kubelet: [10250, 10248],
  'kube-proxy': [10249],
};

interface Subject {
  declaration: Declaration;
  node: NodeDeclaration;
}

/** Everything that a node lacks at once: Docker, clock, kernel, swap, ports, disk, CRI socket. Runs one short container. */
export async function preflightNode(
  { engine, docker, pull }: { engine: Engine; docker: NodeDocker; pull: (image: string) => Promise<void> },
  { declaration, node }: Subject,
): Promise<string[]> {
  const facts = await docker.facts();
  const image = declaration.images.rivers;
  if (!(await docker.hasImage(image))) await pull(image);
  const lines = await runOnce(engine, {
    Image: image,
    Entrypoint: ['/bin/sh', '-c'],
    Cmd: [factScript],
    User: '0:0',
    HostConfig: {
      NetworkMode: 'host',
      PidMode: 'host',
      Binds: ['/run:/host/run:ro', '/var/lib:/host/lib:ro', '/etc/cni/net.d:/host/cni:ro'],
    },
  });
  return lackingOf({ docker: facts, ...parseFacts(lines) }, demandsOf({ declaration, node }));
}

const conntrack = { name: 'net/netfilter/nf_conntrack_count', cure: 'modprobe nf_conntrack' };

/** Without it a Service whose pod is on the client's own bridge does not answer. */
const bridgeNetfilter = { name: 'net/bridge/bridge-nf-call-iptables', wanted: '1', cure: 'modprobe br_netfilter' };

/** From 1.35 on kubelet refuses cgroup version 1 unless told otherwise. */
function needsCgroup2({ kubernetes_version: version }: Declaration, { config }: KubeletOptions): boolean {
  return gte(version, '1.35.0') && config?.['failCgroupV1'] !== false;
}

/** What a node has to have, by its components and its kubelet's settings. */
export function demandsOf({ declaration, node }: Subject): Demands {
  const { kubelet } = optionsOf(declaration, node);
  const components = componentsOf(declaration, node);
  return {
    settings: [
      { name: 'net/ipv4/ip_forward', wanted: '1', cure: 'sysctl -w net.ipv4.ip_forward=1' },
      ...(components.includes('kube-proxy') ? [conntrack] : []),
      ...(/"type":\s*"bridge"/.test(kubelet.cni_conf_file?.content ?? '') ? [bridgeNetfilter] : []),
    ],
    cgroup: needsCgroup2(declaration, kubelet) ? 'only version 2' : 'any version',
    ports: components.flatMap((component) => portsOf[component].map((port) => ({ port, component }))),
    swap: kubelet.config?.['failSwapOn'] === false ? 'tolerated' : 'refused',
    cniFile: kubelet.cni_conf_file?.name,
    criSocket: kubelet.cri_endpoint.replace(/^unix:\/\//, ''),
  };
}

async function runOnce(engine: Engine, request: Docker.ContainerCreateOptions): Promise<string[]> {
  const { id, outcome } = await createContainer(engine, containerName, request);
  if (outcome === 'exists') {
    await removeContainer(engine, id, 'running too');
    return runOnce(engine, request);
  }
  try {
    await startContainer(engine, id);
    await awaitContainer(engine, id, engine.deadlines.call);
    return await lastLines(engine, id, 5_000);
  } finally {
    await removeContainer(engine, id, 'running too');
  }
}
