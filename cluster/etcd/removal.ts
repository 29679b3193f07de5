import type { EtcdMember, Membership } from '../observation.ts';
import { isUndisturbed, noCorruption } from './alarms.ts';
import { atLeast, countVoters, hasQuorum, learnersOf, memberById, memberLabel, quorum, votersOf } from './quorum.ts';
import type { ObservedEtcd } from './quorum.ts';
import { isStable } from './stability.ts';
import { allOf, allowed, refused, refusedForNow, unknown } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export interface RemoveHealthyVoter {
  etcd: ObservedEtcd;
  memberId: string;
  /** Control planes that are declared. */
  wantedSize: number;
  /** Nodes whose members stay: see isUndisturbed. */
  staying?: readonly string[];
  /** How long every voter has been in sync without a break. */
  stableSeconds: number;
}

/**
 * Whether a voter in sync may be removed: afterwards there is a quorum (I-02, I-08) and one more failure would not stop
 * writes (I-03), except on the way to a cluster that is declared to be smaller than three. It does not lead (I-08), it is not
 * the last (I-10), nothing else is under way (I-04, I-15).
 */
export function mayRemoveHealthyVoter(removal: RemoveHealthyVoter): Verdict {
  const { etcd, memberId, wantedSize, staying, stableSeconds } = removal;
  const member = memberById(etcd, memberId);
  if (member === undefined) return refused('I-11', `etcd has no member ${memberId}`);
  const label = memberLabel(member);
  if (member.role === 'learner') return refused('I-08', `${label} is a learner`);
  if (member.sync === 'unsynced') return refused('I-08', `${label} is not in sync: it is removed as a failed member`);
  if (member.sync === 'unknown') return unknown('I-08', `cannot observe ${label}`);
  const voters = votersOf(etcd);
  if (voters.length < 2) return refused('I-10', `${label} is the last voter: removing it deletes the cluster`);
  const after = countVoters(voters.filter(({ id }) => id !== memberId));
  const when = `after removing ${label}`;
  const withoutMargin = wantedSize < 3 && after.total < 3;
  const needed = quorum(after.total);
  return allOf(
    hasQuorum(etcd),
    doesNotLead(etcd, memberId),
    isSizeSurplus(voters.length, wantedSize),
    learnersOf(etcd).length === 0
      ? allowed
      : refused('I-04', 'a learner is there still: one membership change at a time'),
    isUndisturbed(etcd, staying),
    isStable(stableSeconds),
    atLeast({ rule: 'I-02', voters: after, needed, when, otherwise: 'writes would stop' }),
    withoutMargin
      ? allowed
      : atLeast({
          rule: 'I-03',
          voters: after,
          needed: needed + 1,
          when,
          otherwise: 'one more failure would stop writes',
        }),
  );
}

/** I-18, for shrinking: a swap has grown the cluster before. */
function isSizeSurplus(voters: number, wanted: number): Verdict {
  if (voters > wanted) return allowed;
  return refused('I-18', `there are ${voters} voters and ${wanted} are wanted: another is added first`);
}

function doesNotLead(etcd: ObservedEtcd, memberId: string): Verdict {
  const member = memberById(etcd, memberId);
  if (member?.leader === 'follower') return allowed;
  if (member?.leader === 'leader')
    return refused('I-08', `${memberLabel(member)} leads: leadership is moved away first`);
  return unknown('I-08', 'cannot observe which member leads');
}

/** Why a member that is down is given up: being slow is no cause (I-09). */
export type FailureCause = 'not-declared' | 'directory-lost' | 'corrupt' | 'approved';

/** A member whose data etcd calls corrupt goes for that, whatever else speaks for it: its own alarm must not keep it (reliability §2.5). */
export function failureCause(
  member: Pick<EtcdMember, 'alarms'> | undefined,
  otherwise: 'not-declared' | 'directory-lost',
): FailureCause {
  return member?.alarms.includes('CORRUPT') ? 'corrupt' : otherwise;
}

export interface RemoveFailedVoter {
  etcd: ObservedEtcd;
  memberId: string;
  cause: FailureCause | 'none';
  /** How long it has not been in sync. */
  failedSeconds: number;
  /** How long that has to be; 600 s by default for what is started again by itself. */
  graceSeconds: number;
}

/**
 * Whether a failed voter may be removed (I-09): the others can commit it (I-01), it has been out of sync for the grace time,
 * and there is a cause beside that. It needs no stability of the rest: it is what restores it (I-04).
 */
export function mayRemoveFailedVoter({
  etcd,
  memberId,
  cause,
  failedSeconds,
  graceSeconds,
}: RemoveFailedVoter): Verdict {
  const member = memberById(etcd, memberId);
  if (member === undefined) return refused('I-11', `etcd has no member ${memberId}`);
  const label = memberLabel(member);
  if (member.role === 'learner') return refused('I-09', `${label} is a learner: it is removed as such`);
  if (member.sync === 'synced') return refused('I-09', `${label} is in sync: it has not failed`);
  if (cause === 'none') return refused('I-09', `${label} is down, which is no reason by itself to give it up`);
  if (failedSeconds < graceSeconds)
    return refusedForNow(
      'I-09',
      `${label} has been down for ${failedSeconds} s of the ${graceSeconds} s that it is given to come back`,
    );
  const voters = votersOf(etcd);
  if (voters.length < 2) return refused('I-10', `${label} is the last voter: removing it deletes the cluster`);
  const others = voters.filter(({ id }) => id !== memberId);
  return allOf(
    hasQuorum({ members: [...others, { ...member, sync: 'unsynced' }] }),
    cause === 'corrupt' ? noCorruption({ members: others }) : noCorruption(etcd),
  );
}

export interface RemoveLearner {
  etcd: ObservedEtcd;
  memberId: string;
  /** What is on record of its node's membership. */
  recorded: Membership | undefined;
}

/** Whether a learner may be removed: it has no vote, so only the quorum to commit it is needed. I-13: only one that is ours. */
export function mayRemoveLearner({ etcd, memberId, recorded }: RemoveLearner): Verdict {
  const member = memberById(etcd, memberId);
  if (member === undefined) return refused('I-11', `etcd has no member ${memberId}`);
  if (member.role === 'voter') return refused('I-13', `${memberLabel(member)} is a voter`);
  return allOf(isOurs(member, recorded), hasQuorum(etcd));
}

/** Its id is on record, or is not yet since its addition was interrupted. */
function isOurs(member: EtcdMember, recorded: Membership | undefined): Verdict {
  if (recorded?.memberId === member.id) return allowed;
  if (recorded?.state === 'first-start' && recorded.memberId === undefined && member.name === '') return allowed;
  return refused('I-13', `${memberLabel(member)} was not added by us: a person has to say that it may go`);
}
