import type { EtcdMember, EtcdObservation } from '../observation.ts';
import { allOf, allowed, refused, unknown } from './verdict.ts';
import type { Verdict } from './verdict.ts';
import { atLeast, countVoters, memberById, memberLabel, quorum, votersOf } from './quorum.ts';
import type { ObservedEtcd } from './quorum.ts';
import { noCorruption } from './alarms.ts';

export interface RestartVoter {
  etcd: EtcdObservation;
  memberId: string;
  /** A cluster of one or two voters cannot restart any without an outage: a person, or a declaration of that size, accepts it. */
  outage?: 'accepted';
}

/**
 * Whether a voter may be stopped and started again: without it the others are still a quorum (I-03 with the member counted
 * down; table T1). A voter that is known to be out of sync costs nothing, as long as there is a quorum without it.
 */
export function mayRestartVoter({ etcd, memberId, outage }: RestartVoter): Verdict {
  if (etcd.state === 'unobservable') return unknown('I-01', `cannot observe etcd: ${etcd.because}`);
  const member = memberById(etcd, memberId);
  if (member === undefined) return refused('I-11', `etcd has no member ${memberId}`);
  const voters = votersOf(etcd);
  const others = countVoters(voters.filter(({ id }) => id !== memberId));
  const label = memberLabel(member);
  if (member.role === 'learner') return noCorruption(etcd);
  if (outage === 'accepted' && voters.length <= 2)
    return allOf(
      noCorruption(etcd),
      atLeast({
        rule: 'A-06',
        voters: others,
        needed: others.total,
        when: `besides ${label}`,
        otherwise: 'it is no announced outage but a second failure',
      }),
    );
  if (voters.length <= 2)
    return refused(
      'A-06',
      `restarting ${label}, one of ${voters.length} voters, is an outage: it needs to be accepted first`,
    );
  return allOf(
    noCorruption(etcd),
    atLeast({
      rule: 'I-03',
      voters: { ...others, total: voters.length },
      needed: quorum(voters.length),
      when: `while ${label} restarts`,
      otherwise: 'writes would stop',
    }),
  );
}

export interface MoveLeader {
  etcd: ObservedEtcd;
  /** Member that is to lead. */
  to: string;
}

/** Whether leadership may move to a member: a voter in sync, and a quorum to elect it. */
export function mayMoveLeader({ etcd, to }: MoveLeader): Verdict {
  const target = memberById(etcd, to);
  if (target === undefined) return refused('I-11', `etcd has no member ${to}`);
  if (target.role === 'learner') return refused('I-08', `${memberLabel(target)} is a learner: it cannot lead`);
  if (target.sync !== 'synced')
    return refused('I-08', `${memberLabel(target)} is not known to be in sync: it should not lead`);
  return allowed;
}

/** The voter that leadership is best moved to: in sync, and applied the most; undefined when there is none but the leader. */
export function nextLeader(etcd: ObservedEtcd, leaving: string): string | undefined {
  const candidates = votersOf(etcd).filter(({ id, sync }) => id !== leaving && sync === 'synced');
  const [best] = candidates.toSorted((a, b) => (appliedIndex(a) < appliedIndex(b) ? 1 : -1));
  return best?.id;
}

const appliedIndex = (member: EtcdMember): bigint => BigInt(member.appliedIndex ?? '0');
