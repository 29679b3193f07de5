import { certificateRequest } from '../certificates/catalogue.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { container, fileRoot } from './container.ts';
import { anyAddress, endpoint, ports } from './endpoint.ts';
import { authorityFile, certificatePair } from './files.ts';
import type { ComponentSpec } from './spec.ts';

/**
 * How a member is started (DESIGN §6, rules W-04 to W-06). The `first` start joins or founds a cluster on an empty data
 * directory; `settled` holds ever after, and can't come up on an empty one.
 */
export type EtcdMembershipSpec =
  | { start: 'settled'; directory: string }
  | {
      start: 'first';
      directory: string;
      token: string;
      cluster: 'new' | 'existing';
      /** All members of the initial cluster, this one included. */
      members: { name: string; address: string }[];
    };

interface EtcdInput {
  declaration: Declaration;
  node: NodeDeclaration;
  membership: EtcdMembershipSpec;
}

/** The host directory below which a node's memberships have theirs. */
export function etcdVolume({ options }: Pick<Declaration, 'options'>): string {
  return `/var/lib/${options.etcd.volume_name}`;
}

/** The host directory of one membership: new for each, so that no member finds another's data. */
export function etcdDataDirectory(declaration: Pick<Declaration, 'options'>, directory: string): string {
  return `${etcdVolume(declaration)}/${directory}`;
}

/** The etcd member of a control plane; its name is the node's address, as in CKE's runbooks. */
export function etcdSpec({ declaration, node, membership }: EtcdInput): ComponentSpec {
  const data = etcdDataDirectory(declaration, membership.directory);
  return {
    component: 'etcd',
    container: container({
      image: declaration.images.etcd,
      binary: 'etcd',
      args: [...memberArgs(node), ...tlsArgs, ...corruptionArgs, ...initialArgs(node, membership)],
      params: declaration.options.etcd,
      mounts: [
        { source: data, destination: '/var/lib/etcd', access: 'rw', source_kind: 'required' },
        fileRoot('/etc/etcd'),
      ],
      restart: membership.start === 'settled' ? 'always' : 'no',
      stop_seconds: 30,
    }),
    root: '/etc/etcd',
    files: [
      ...certificatePair('/etc/etcd/pki/server', certificateRequest({ kind: 'etcd-server', declaration, node })),
      ...certificatePair('/etc/etcd/pki/peer', certificateRequest({ kind: 'etcd-peer', declaration, node })),
      authorityFile('/etc/etcd/pki/ca-client.crt', 'etcd-client', declaration),
      authorityFile('/etc/etcd/pki/ca-peer.crt', 'etcd-peer', declaration),
    ],
  };
}

function memberArgs({ address }: NodeDeclaration): string[] {
  const any = anyAddress(address);
  return [
    `--name=${address}`,
    '--data-dir=/var/lib/etcd',
    `--listen-peer-urls=https://${endpoint(any, ports.etcdPeer)}`,
    `--listen-client-urls=https://${endpoint(any, ports.etcdClient)}`,
    `--advertise-client-urls=https://${endpoint(address, ports.etcdClient)}`,
    `--initial-advertise-peer-urls=${peerUrl(address)}`,
  ];
}

const tlsArgs = [
  '--cert-file=/etc/etcd/pki/server.crt',
  '--key-file=/etc/etcd/pki/server.key',
  '--client-cert-auth=true',
  '--trusted-ca-file=/etc/etcd/pki/ca-client.crt',
  '--peer-cert-file=/etc/etcd/pki/peer.crt',
  '--peer-key-file=/etc/etcd/pki/peer.key',
  '--peer-client-cert-auth=true',
  '--peer-trusted-ca-file=/etc/etcd/pki/ca-peer.crt',
];

const corruptionArgs = [
  '--feature-gates=InitialCorruptCheck=true,CompactHashCheck=true',
  '--corrupt-check-time=3h',
  '--strict-reconfig-check=true',
];

const settledCluster = '--initial-cluster=settled=';

/** Whether a container that was made from this specification (as text) would end on a directory without data, and found nothing (W-06). */
export const isSettledSpec = (spec: string): boolean => spec.includes(settledCluster);

/** A settled member names a cluster that it is not in: ignored when there is data, fatal when there is none (W-06). */
function initialArgs({ address }: NodeDeclaration, membership: EtcdMembershipSpec): string[] {
  if (membership.start === 'settled') return [`${settledCluster}${peerUrl(loopback(address))}`];
  return [
    `--initial-cluster=${initialCluster(membership.members)}`,
    `--initial-cluster-token=${membership.token}`,
    `--initial-cluster-state=${membership.cluster}`,
  ];
}

/** How etcd is told of the members that found a cluster, or are in it. */
export function initialCluster(members: { name: string; address: string }[]): string {
  return members.map(({ name, address }) => `${name}=${peerUrl(address)}`).join(',');
}

function loopback(address: string): string {
  return address.includes(':') ? '::1' : '127.0.0.1';
}

/** The peer URL that a member on this address has in the member list. */
export function peerUrl(address: string): string {
  return `https://${endpoint(address, ports.etcdPeer)}`;
}
