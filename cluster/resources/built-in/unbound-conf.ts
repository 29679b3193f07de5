import { clusterDomain } from '../../declaration/cluster-addresses.ts';
import type { Declaration } from '../../declaration/declaration.ts';
import type { BuiltInInput } from './built-in-objects.ts';

/** Paths inside the pod. What differs from node to node is written to `own` and `nodeUpstreams` when it starts. */
export const unboundPaths = {
  wanted: '/etc/unbound/unbound.conf',
  running: '/run/unbound/unbound.conf',
  own: '/run/unbound/node.conf',
  nodeUpstreams: '/run/unbound/node-upstreams.conf',
  control: '/run/unbound/control.sock',
} as const;

/** Addresses that nobody reaches from the Internet: with the declared pods, those that may ask. */
const privateRanges = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

/**
 * Configuration of the DNS cache of every node: the cluster's domain and names of addresses are asked of cluster DNS, all others of the
 * upstreams. What is known is served for a day longer when nobody answers any more, after half a second of asking in vain.
 */
export function unboundConf({ declaration, upstreams }: BuiltInInput): string {
  const clusterDns = declaration.cluster_dns_address;
  return [
    ...server(declaration),
    `include: "${unboundPaths.own}"`,
    'remote-control:',
    '  control-enable: yes',
    '  control-use-cert: no',
    `  control-interface: "${unboundPaths.control}"`,
    'stub-zone:',
    `  name: "${clusterDomain(declaration)}"`,
    `  stub-addr: ${clusterDns}`,
    ...['in-addr.arpa', 'ip6.arpa'].flatMap((zone) => forwardZone(zone, [clusterDns])),
    ...(upstreams.length === 0 ? [`include: "${unboundPaths.nodeUpstreams}"`] : forwardZone('.', upstreams)),
    '',
  ].join('\n');
}

function server(declaration: Pick<Declaration, 'pod_subnet'>): string[] {
  const pods = declaration.pod_subnet === undefined ? [] : [declaration.pod_subnet];
  const settings = [
    'username: ""',
    'chroot: ""',
    'directory: "/run/unbound"',
    'pidfile: ""',
    'use-syslog: no',
    'log-servfail: yes',
    'num-threads: 2',
    'so-reuseport: yes',
    'outgoing-range: 4096',
    'num-queries-per-thread: 2048',
    'incoming-num-tcp: 1000',
    'outgoing-num-tcp: 1000',
    'msg-cache-size: 64m',
    'rrset-cache-size: 128m',
    'module-config: "iterator"',
    'qname-minimisation: no',
    'unblock-lan-zones: yes',
    'prefetch: yes',
    'serve-expired: yes',
    'serve-expired-ttl: 86400',
    'serve-expired-client-timeout: 500',
    'infra-host-ttl: 60',
    'infra-keep-probing: yes',
    'extended-statistics: yes',
    ...[...privateRanges, ...pods].map((range) => `access-control: ${range} allow`),
  ];
  return ['server:', ...settings.map((setting) => `  ${setting}`)];
}

function forwardZone(name: string, addresses: readonly string[]): string[] {
  return ['forward-zone:', `  name: "${name}"`, ...addresses.map((address) => `  forward-addr: ${address}`)];
}
