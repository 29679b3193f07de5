import { isCaughtUp } from '../../cluster/etcd/addition.ts';
import type { EtcdMember } from '../../cluster/observation.ts';
import type { ListedMember } from './gateway.ts';
import type { Probe } from './probe.ts';

interface AssessMember {
  member: ListedMember;
  node: string | undefined;
  /** What the member itself answered; undefined when it has no address to be asked at. */
  probe: Probe | undefined;
  clusterId: string;
  leaderId: string | undefined;
  probes: ReadonlyMap<string, Probe>;
}

/** The id of the leader that the members with the highest term tell; undefined while they have none. */
export function leaderAmong(probes: ReadonlyMap<string, Probe>, clusterId: string): string | undefined {
  const told = statuses(probes).filter((status) => status.clusterId === clusterId);
  const [latest] = told.toSorted((a, b) => (BigInt(a.term) < BigInt(b.term) ? 1 : -1));
  return told.find(({ term, leaderId }) => term === latest?.term && leaderId !== '0')?.leaderId;
}

/**
 * Puts the member list's and the member's own word together. A voter is in sync when it belongs to this cluster and answered a
 * linearizable read itself; a learner, which refuses such reads, when it has caught up with the leader.
 */
export function assessMember({ member, node, probe, clusterId, leaderId, probes }: AssessMember): EtcdMember {
  const { id, name, peerUrls, role } = member;
  const status = probe?.state === 'answered' && probe.status.memberId === id ? probe.status : undefined;
  const alarms = statuses(probes)
    .flatMap((each) => (each.clusterId === clusterId ? each.alarms : []))
    .flatMap((each) => (each.memberId === id ? each.alarm : []));
  const seen: EtcdMember = {
    id,
    name,
    peerUrls,
    role,
    ...(node !== undefined && { node }),
    sync: 'unknown',
    leader: leaderId === undefined ? 'unknown' : leaderId === id ? 'leader' : 'follower',
    ...(status && { version: status.version, appliedIndex: status.appliedIndex }),
    alarms: [...new Set(alarms)],
  };
  return { ...seen, ...syncOf(seen, probe, { clusterId, leaderId, probes }) };
}

type Sync = Pick<EtcdMember, 'sync' | 'because'>;

function syncOf(
  member: EtcdMember,
  probe: Probe | undefined,
  { clusterId, leaderId, probes }: Pick<AssessMember, 'clusterId' | 'leaderId' | 'probes'>,
): Sync {
  if (member.name === '') return { sync: 'unsynced', because: 'it was added and never started' };
  if (probe === undefined) return { sync: 'unknown', because: 'it has no client URL' };
  if (probe.state === 'silent') return { sync: 'unknown', because: probe.because };
  if (probe.state === 'refused') return { sync: 'unsynced', because: probe.because };
  const { status, view } = probe;
  if (status.clusterId !== clusterId)
    return {
      sync: 'unsynced',
      because: `a member of another cluster (${status.clusterId}) answers in its place: its data are lost`,
    };
  if (status.memberId !== member.id)
    return { sync: 'unsynced', because: `another member (${status.memberId}) answers in its place` };
  if (member.role === 'learner') return learnerSync(member, leaderId, probes);
  if (view.state === 'failed')
    return { sync: 'unsynced', because: `it answers, but cannot read through a quorum: ${view.because}` };
  if (member.alarms.includes('CORRUPT')) return { sync: 'unsynced', because: 'etcd says that its data are corrupt' };
  return { sync: 'synced' };
}

function learnerSync(member: EtcdMember, leaderId: string | undefined, probes: ReadonlyMap<string, Probe>): Sync {
  const leader = statuses(probes).find(({ memberId }) => memberId === leaderId);
  const ahead: EtcdMember[] = leader
    ? [{ ...member, id: leader.memberId, role: 'voter', leader: 'leader', appliedIndex: leader.appliedIndex }]
    : [];
  const verdict = isCaughtUp({ members: ahead }, member);
  if (verdict.kind === 'allowed') return { sync: 'synced' };
  return { sync: verdict.kind === 'unknown' ? 'unknown' : 'unsynced', because: verdict.because };
}

function statuses(probes: ReadonlyMap<string, Probe>) {
  return [...probes.values()].flatMap((probe) => (probe.state === 'answered' ? [probe.status] : []));
}
