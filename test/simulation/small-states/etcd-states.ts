import type { EtcdMember } from '../../../cluster/observation.ts';
import type { ObservedEtcd } from '../../../cluster/etcd/quorum.ts';
import { memberOf } from '../../../cluster/etcd/test-members.ts';

/** One way that a small etcd may look like, and what is wanted of it. */
export interface EtcdState {
  etcd: ObservedEtcd;
  /** Control planes that are declared. */
  wantedSize: number;
  /** For how long everything has been as it is. */
  seconds: number;
}

type Sync = EtcdMember['sync'];

const syncs: Sync[] = ['synced', 'unsynced', 'unknown'];
const learners: (Partial<EtcdMember> | undefined)[] = [
  undefined,
  { name: '', sync: 'unsynced' },
  { sync: 'unsynced', appliedIndex: '40000' },
  { appliedIndex: '40000' },
  {},
];
const disturbances: ((members: EtcdMember[]) => EtcdMember[])[] = [
  (members) => members,
  (members) => changeFirst(members, { alarms: ['NOSPACE'] }),
  (members) => changeFirst(members, { alarms: ['CORRUPT'] }),
  (members) => changeFirst(members, { version: '3.6.15' }),
];

/** Every state of one to five voters, each up, down or out of sight, with and without a learner, calm and disturbed. */
export function* etcdStates(): Generator<EtcdState> {
  for (let size = 1; size <= 5; size += 1)
    for (const voters of combinations(size))
      for (const learner of learners)
        for (const disturb of size < 5 ? disturbances : disturbances.slice(0, 1))
          for (const wantedSize of [1, 3, 5])
            for (const seconds of [0, 3600]) {
              const members = disturb(membersOf(voters, learner));
              yield {
                etcd: { state: 'observed', clusterId: '77', members, authentication: 'enabled' },
                wantedSize,
                seconds,
              };
            }
}

function combinations(size: number): Sync[][] {
  if (size === 0) return [[]];
  return combinations(size - 1).flatMap((rest) => syncs.map((sync) => [...rest, sync]));
}

function membersOf(voters: Sync[], learner: Partial<EtcdMember> | undefined): EtcdMember[] {
  const leader = voters.indexOf('synced');
  const members = voters.map((sync, at) => memberOf(at + 1, { sync, leader: at === leader ? 'leader' : 'follower' }));
  return learner === undefined ? members : [...members, memberOf(6, { role: 'learner', ...learner })];
}

const changeFirst = ([first, ...others]: EtcdMember[], change: Partial<EtcdMember>): EtcdMember[] =>
  first === undefined ? [] : [{ ...first, ...change }, ...others];

export const peerUrlOf = (number: number): string => `https://10.0.0.${number}:2380`;
