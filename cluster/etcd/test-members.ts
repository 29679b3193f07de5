import type { EtcdMember } from '../observation.ts';
import type { ObservedEtcd } from './quorum.ts';

/** Members for the tables: `synced` ones come first and the first leads; then those that are down, then those that can't be observed. */
export function etcdWith(counts: {
  synced: number;
  down?: number;
  unobserved?: number;
  learner?: Partial<EtcdMember>;
}): ObservedEtcd {
  const { synced, down = 0, unobserved = 0, learner } = counts;
  const syncs = [
    ...Array.from({ length: synced }, () => 'synced' as const),
    ...Array.from({ length: down }, () => 'unsynced' as const),
    ...Array.from({ length: unobserved }, () => 'unknown' as const),
  ];
  const voters = syncs.map((sync, index) => memberOf(index + 1, { sync, leader: index === 0 ? 'leader' : 'follower' }));
  const learners = learner ? [memberOf(syncs.length + 1, { role: 'learner', ...learner })] : [];
  return { state: 'observed', clusterId: '77', members: [...voters, ...learners], authentication: 'enabled' };
}

/** The same cluster with one member changed. */
export function changed(etcd: ObservedEtcd, id: string, member: Partial<EtcdMember>): ObservedEtcd {
  return { ...etcd, members: etcd.members.map((one) => (one.id === id ? { ...one, ...member } : one)) };
}

/** A voter in sync that follows, but for what is said of it. */
export function memberOf(number: number, member: Partial<EtcdMember>): EtcdMember {
  return {
    id: String(number),
    name: `10.0.0.${number}`,
    node: `cp-${number}`,
    peerUrls: [`https://10.0.0.${number}:2380`],
    role: 'voter',
    sync: 'synced',
    leader: 'follower',
    version: '3.6.16',
    appliedIndex: '50000',
    alarms: [],
    ...member,
  };
}
