import type { EtcdMember, EtcdRecord, ObservedNode } from '../observation.ts';
import { memberLabel } from './quorum.ts';
import type { ObservedEtcd } from './quorum.ts';
import { allOf, allowed, refused, unknown } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** What was read about a data directory, the container being stopped. */
export interface DirectoryFacts {
  state: ObservedNode['etcdDirectory'];
  memberId?: string;
  clusterId?: string;
}

export interface WipeDirectory {
  directory: DirectoryFacts;
  container: 'stopped' | 'absent' | 'running' | 'unknown';
  /** Read, linearizable, after the container had stopped. */
  etcd: ObservedEtcd;
  peerUrl: string;
  /** A person has given the directory up. */
  condemned: 'yes' | 'no';
}

/**
 * W-01, W-03, W-07: a data directory may be put into the trash only when the member that it holds has no vote in any list. Wiping a
 * counted member loses acknowledged writes of the whole cluster (finding 1).
 */
export function mayWipe({ directory, container, etcd, peerUrl, condemned }: WipeDirectory): Verdict {
  if (container === 'unknown') return unknown('W-07', 'cannot observe whether a container still uses the directory');
  if (container === 'running') return refused('W-07', 'a container still uses the directory');
  if (directory.state === 'unknown') return unknown('W-01', 'cannot observe the directory');
  const counted = etcd.members.find(({ id }) => id === directory.memberId);
  if (counted) return refused('W-01', `the directory holds ${memberLabel(counted)}, which is still a member`);
  if (directory.memberId === undefined) return mayWipeUnread(etcd, peerUrl, condemned);
  if (directory.clusterId === etcd.clusterId || condemned === 'yes') return allowed;
  return refused(
    'W-01',
    `the directory belongs to cluster ${directory.clusterId ?? 'unknown'}, not to ${etcd.clusterId}`,
  );
}

function mayWipeUnread(etcd: ObservedEtcd, peerUrl: string, condemned: 'yes' | 'no'): Verdict {
  const owner = etcd.members.find(({ peerUrls }) => peerUrls.includes(peerUrl));
  if (owner)
    return refused(
      'W-03',
      `it cannot be read whose directory it is, and ${memberLabel(owner)} has the peer URL ${peerUrl}`,
    );
  if (condemned === 'yes') return allowed;
  return refused('W-03', 'it cannot be read whose directory it is: a person has to give it up');
}

/** W-01 has one exception: a person gave the whole cluster up, on record, and the member does not run any more. */
export function mayGiveUp({
  cluster,
  container = 'absent',
}: {
  cluster: 'given up' | 'wanted';
  /** Whether one still uses the directory that is given up; left out when it is about the container itself. */
  container?: WipeDirectory['container'];
}): Verdict {
  if (cluster === 'wanted') return refused('W-01', 'nobody gave this cluster up');
  if (container === 'unknown') return unknown('W-07', 'cannot observe whether a container still uses the directory');
  return container === 'running' ? refused('W-07', 'a container still uses the directory') : allowed;
}

/** W-02: where a directory goes instead of being deleted, below the volume's `trash/`. `at` is seconds since the epoch of time. */
export function trashName({ memberId, epoch, at }: { memberId: string; epoch: number; at: number }): string {
  return `${memberId}-${epoch}-${at}`;
}

export interface StartEmpty {
  record: EtcdRecord;
  /** The member with this node's peer URL, where there is one. */
  member?: EtcdMember;
}

/** W-04: etcd is started on an empty directory in two cases only: the first bootstrap, or a learner that was never started. */
export function mayStartEmpty({ record, member }: StartEmpty): Verdict {
  if (record.state === 'started' && member === undefined) return allowed;
  if (member?.role === 'learner' && member.name === '') return allowed;
  if (member)
    return refused(
      'W-04',
      `${memberLabel(member)} was started before: an empty directory means that its data are lost`,
    );
  if (record.state === 'never')
    return refused('W-04', 'no bootstrap was recorded: the token comes before the first process');
  return refused('W-04', 'the cluster was bootstrapped before, and this node is no member of it');
}

/** W-05, W-06: a voter is started only from its settled spec and on the data that it had. */
export function mayStartVoter({
  directory,
  spec,
}: {
  directory: DirectoryFacts['state'];
  spec: 'settled' | 'first';
}): Verdict {
  const intact: Record<DirectoryFacts['state'], Verdict> = {
    intact: allowed,
    unknown: unknown('W-05', 'cannot observe the data directory'),
    absent: refused('W-05', 'the data directory is gone: the voter has failed, it is removed and not restarted'),
    empty: refused('W-05', 'the data directory is empty: the voter has failed, it is removed and not restarted'),
  };
  const settled = spec === 'settled' ? allowed : refused('W-06', 'a voter is restarted from its settled spec only');
  return allOf(intact[directory], settled);
}
