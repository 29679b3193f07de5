import { expect, test } from 'vitest';
import type { DockerFacts } from './docker-facts.ts';
import { lackingOf, parseFacts, type Demands, type NodeFacts } from './preflight-facts.ts';

const printed = `swap Filename				Type		Size		Used		Priority
swap /dev/sda2                               partition	2097148		0		-2
tcp   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
tcp    0: 0100007F:1B1F 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
tcp    1: 0B01580A:0016 0101580A:C350 01 00000000:00000000 02:000A 00000000     0        0 2 2 0 20 4 0 10 -1
tcp    0: 00000000000000000000000000000000:192B 00000000000000000000000000000000:0000 0A 00000000:0 00:0 0 0 0 3 1 0
filesystem overlay
setting net/ipv4/ip_forward 0
disk /dev/vda 263174212 28000000 64000000  31% /host/lib
socket /run/containerd/containerd.sock
cni 87-podman-bridge.conflist
something else`.split('\n');

test('what the one-shot container prints is understood', () => {
  expect(parseFacts(printed)).toEqual({
    swaps: ['/dev/sda2'],
    listening: [6943, 6443],
    filesystems: ['overlay'],
    freeKilobytes: 64_000_000,
    sockets: ['/run/containerd/containerd.sock'],
    cniFiles: ['87-podman-bridge.conflist'],
    settings: { 'net/ipv4/ip_forward': '0' },
  } satisfies NodeFacts);
});

const docker: DockerFacts = {
  version: '20.10.24+dfsg1',
  apiVersion: '1.41',
  cgroupDriver: 'cgroupfs',
  cgroupVersion: '1',
  storageDriver: 'overlay2',
  rootDirectory: '/var/lib/docker',
  kernel: '6.1.0',
  operatingSystem: 'Debian GNU/Linux 12',
  processors: 2,
  memoryBytes: 4 * 1024 ** 3,
  clockOffset: { milliseconds: 12, uncertainty: 3 },
};
const facts: NodeFacts = {
  swaps: [],
  listening: [22],
  filesystems: ['overlay'],
  freeKilobytes: 60_000_000,
  sockets: ['/run/containerd/containerd.sock'],
  cniFiles: [],
  settings: { 'net/ipv4/ip_forward': '1' },
};
const demands: Demands = {
  settings: [{ name: 'net/ipv4/ip_forward', wanted: '1', cure: 'sysctl -w net.ipv4.ip_forward=1' }],
  cgroup: 'any version',
  ports: [{ port: 6443, component: 'kube-apiserver' }],
  swap: 'refused',
  criSocket: '/var/run/containerd/containerd.sock',
  cniFile: '98-net.conflist',
};

interface Case {
  node: string;
  docker?: Partial<DockerFacts>;
  facts?: Partial<NodeFacts>;
  demands?: Partial<Demands>;
  lacks: string[];
}

const bridge = { name: 'net/bridge/bridge-nf-call-iptables', cure: 'modprobe br_netfilter' };

test.each<Case>([
  { node: 'has all it needs', lacks: [] },
  { node: 'has an old Docker', docker: { version: '19.03.9' }, lacks: ['Docker is 19.03.9, want 20.10.0 or newer'] },
  {
    node: 'has networks of its distribution',
    facts: { cniFiles: ['README', '87-podman-bridge.conflist', '98-net.conflist', '99-loopback.conf'] },
    lacks: [
      '/etc/cni/net.d/87-podman-bridge.conflist comes before 98-net.conflist, so that runtimes would take it: move it away',
    ],
  },
  {
    node: 'has a network and none is declared',
    facts: { cniFiles: ['10-a.conf'] },
    demands: { cniFile: undefined },
    lacks: [],
  },
  { node: 'has a new Docker', docker: { version: '29.1.2' }, lacks: [] },
  {
    node: 'has a clock of its own',
    docker: { clockOffset: { milliseconds: -1_700, uncertainty: 100 } },
    lacks: ['its clock is off by 1600 ms, want at most 500 ms: set up NTP'],
  },
  { node: 'is far away', docker: { clockOffset: { milliseconds: 900, uncertainty: 800 } }, lacks: [] },
  { node: 'is small', docker: { memoryBytes: 1024 ** 3 }, lacks: ['it has 1024 MiB of memory, want 1536 MiB'] },
  { node: 'is full', facts: { freeKilobytes: 1024 ** 2 }, lacks: ['/var/lib has 1024 MiB free, want 5120 MiB'] },
  {
    node: 'swaps',
    facts: { swaps: ['/swap'] },
    lacks: ['swap is on (/swap): swapoff -a, or failSwapOn: false in the kubelet’s config'],
  },
  { node: 'may swap', facts: { swaps: ['/swap'] }, demands: { swap: 'tolerated' }, lacks: [] },
  {
    node: 'has a server on the port of another',
    facts: { listening: [6443] },
    lacks: ['port 6443 is in use, and kube-apiserver needs it'],
  },
  {
    node: 'has no container runtime',
    facts: { sockets: [] },
    lacks: ['there is no CRI socket at /var/run/containerd/containerd.sock'],
  },
  {
    node: 'has no CRI-O',
    demands: { criSocket: '/var/run/crio/crio.sock' },
    lacks: ['there is no CRI socket at /var/run/crio/crio.sock'],
  },
  { node: 'has its runtime’s socket elsewhere', demands: { criSocket: '/opt/cri.sock' }, lacks: [] },
  {
    node: 'lacks a module',
    demands: { settings: [bridge] },
    lacks: [`the kernel has no ${bridge.name}: ${bridge.cure}`],
  },
  {
    node: 'forwards nothing',
    facts: { settings: { 'net/ipv4/ip_forward': '0' } },
    lacks: ['net/ipv4/ip_forward is 0, want 1: sysctl -w net.ipv4.ip_forward=1'],
  },
  {
    node: 'has old cgroups and a new kubelet',
    demands: { cgroup: 'only version 2' },
    lacks: ['it has cgroup version 1: boot it with version 2, or failCgroupV1: false in the kubelet’s config'],
  },
  {
    node: 'lacks many things at once',
    docker: { version: '18.09' },
    facts: { filesystems: [], sockets: [] },
    lacks: [
      'Docker is 18.09, want 20.10.0 or newer',
      'the kernel has no overlay file system: modprobe overlay',
      'there is no CRI socket at /var/run/containerd/containerd.sock',
    ],
  },
])('a node that $node', (given) => {
  const seen = { ...facts, ...given.facts, docker: { ...docker, ...given.docker } };
  expect(lackingOf(seen, { ...demands, ...given.demands })).toEqual(given.lacks);
});
