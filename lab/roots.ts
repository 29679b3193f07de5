import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, run } from './command.ts';
import { withLock } from './lock.ts';
import type { Progress } from './progress.ts';
import { cacheDirectory, partialOf } from './state.ts';

const recipe = 1;
const suite = 'bookworm';
const mirror = process.env.CKE_LAB_DEBIAN_MIRROR ?? 'http://deb.debian.org';
const sources = [
  `deb ${mirror}/debian ${suite} main`,
  `deb ${mirror}/debian ${suite}-updates main`,
  `deb ${mirror}/debian-security ${suite}-security main`,
];

/** What kubelet, kube-proxy, HAProxy and Unbound need around them, or are; the images with them stand on this root. */
const basePackages = (
  'iptables nftables conntrack socat ethtool ipset ebtables iproute2 mount kmod ' +
  'haproxy unbound procps busybox-static openssl ca-certificates'
).split(' ');

/** What a node has besides: the things an operator puts on a server before Kubernetes comes. */
const nodePackages = ['docker.io', 'containerd', 'runc', 'openssh-server', 'containernetworking-plugins', 'tini'];

/** Root file systems in the cache, only ever read once they are made. */
export interface Roots {
  /** Names the pair: another recipe or package list, another key. */
  readonly key: string;
  readonly base: string;
  readonly node: string;
}

/** The Debian roots of nodes and images: from the cache, else made with mmdebstrap in about a minute and a half. */
export async function ensureRoots(progress: Progress): Promise<Roots> {
  const key = createHash('sha256')
    .update(JSON.stringify({ recipe, suite, basePackages, nodePackages }))
    .digest('hex')
    .slice(0, 12);
  const directory = join(cacheDirectory(), 'roots');
  const roots = { key, base: join(directory, `base-${key}`), node: join(directory, `node-${key}`) };
  if (existsSync(roots.base) && existsSync(roots.node)) return roots;
  mkdirSync(directory, { recursive: true });
  await withLock(join(directory, 'build.lock'), progress, async () => {
    if (!existsSync(roots.base))
      await progress.phase('making the Debian root of the images', (d) => makeBase(roots, d));
    if (!existsSync(roots.node)) await progress.phase('making the Debian root of the nodes', (d) => makeNode(roots, d));
  });
  return roots;
}

async function makeBase({ base }: Roots, detail: (text: string) => void): Promise<void> {
  const partial = partialOf(base);
  const excluded = ['doc', 'man', 'locale', 'info'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  const options = ['--variant=minbase', '--format=directory', '--mode=root', ...excluded];
  await run('mmdebstrap', [...options, `--include=${basePackages.join(',')}`, suite, partial, ...sources], {
    onErrorLine: detail,
  });
  renameSync(partial, base);
}

async function makeNode({ base, node }: Roots, detail: (text: string) => void): Promise<void> {
  const partial = partialOf(node);
  await run('cp', ['-a', base, partial]);
  cpSync('/etc/resolv.conf', join(partial, 'etc/resolv.conf'), { dereference: true });
  writeFileSync(join(partial, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  // Its own network namespace would be safer still, but apt has to reach the mirror.
  const script = [
    'export DEBIAN_FRONTEND=noninteractive',
    'apt-get update -qq',
    `apt-get install -y -qq --no-install-recommends ${nodePackages.join(' ')}`,
    'apt-get clean',
    'rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* /var/cache/*',
    "useradd --create-home --shell /bin/bash --groups docker --password '*' cke",
    'mkdir -p /opt/cni && cp -a /usr/lib/cni /opt/cni/bin',
    ': > /root/.bashrc && : > /root/.profile',
  ];
  await run('chroot', [partial, '/bin/sh', '-ec', script.join('\n')], { onErrorLine: detail });
  await attempt('rm', ['-f', join(partial, 'usr/sbin/policy-rc.d')]);
  renameSync(partial, node);
}
