import type { EtcdMember } from '../observation.ts';
import { isUndisturbed } from './alarms.ts';
import {
  atLeast,
  countVoters,
  hasQuorum,
  leaderOf,
  learnersOf,
  memberById,
  memberLabel,
  quorum,
  votersOf,
} from './quorum.ts';
import type { ObservedEtcd } from './quorum.ts';
import { isStable } from './stability.ts';
import { allOf, allowed, refused, refusedForNow, unknown } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export interface AddLearner {
  etcd: ObservedEtcd;
  peerUrl: string;
  /** Control planes that are declared. */
  wantedSize: number;
  /** Nodes whose members stay: see isUndisturbed. */
  staying?: readonly string[];
  /** How long every voter has been in sync without a break. */
  stableSeconds: number;
}

/**
 * Whether a member may be added, as a learner: there is no other way (I-05). All voters are in sync (I-06), nothing else is
 * under way (I-04, I-15), the URL is new (I-12). That it isn't taken up again within two seconds of its removal, when the new member
 * could get the id of the removed one, comes from I-04: time begins anew with every change of the members.
 */
export function mayAddLearner({ etcd, peerUrl, wantedSize, staying, stableSeconds }: AddLearner): Verdict {
  return allOf(
    hasQuorum(etcd),
    isSizeWanted(votersOf(etcd), wantedSize, staying),
    isNewUrl(etcd, peerUrl),
    hasNoLearner(etcd),
    allVotersSynced(etcd),
    isUndisturbed(etcd, staying),
    isStable(stableSeconds),
  );
}

/**
 * I-18, for growing: one more than wanted while a member is swapped, never two. Where no voter stays one that does comes first: until then
 * no declared control plane can serve, and none that leaves can be seen to be withdrawn.
 */
function isSizeWanted(voters: EtcdMember[], wanted: number, staying: readonly string[] | undefined): Verdict {
  const allLeave = staying && voters.every(({ node }) => node !== undefined && !staying.includes(node));
  if (voters.length <= wanted || allLeave) return allowed;
  return refused('I-18', `there are ${voters.length} voters and ${wanted} are wanted: one is removed first`);
}

function isNewUrl({ members }: ObservedEtcd, peerUrl: string): Verdict {
  const present = members.find(({ peerUrls }) => peerUrls.includes(peerUrl));
  return present ? refused('I-12', `member ${present.id} has the peer URL ${peerUrl} already`) : allowed;
}

/** I-04: one change at a time. */
function hasNoLearner(etcd: ObservedEtcd): Verdict {
  const learners = learnersOf(etcd);
  if (learners.length === 0) return allowed;
  return refused('I-04', `${learners.map(memberLabel).join(', ')} is a learner still: one membership change at a time`);
}

/** I-06: failed members are removed before any is added. */
function allVotersSynced(etcd: ObservedEtcd): Verdict {
  const voters = countVoters(votersOf(etcd));
  return atLeast({
    rule: 'I-06',
    voters,
    needed: voters.total,
    when: 'now',
    otherwise: 'a failed member has to be removed before one is added',
  });
}

export interface PromoteLearner {
  etcd: ObservedEtcd;
  memberId: string;
  /** Nodes whose members stay: see isUndisturbed. */
  staying?: readonly string[];
  /** Whether the data directory on its node is the one made for this membership. */
  directory: 'matches' | 'differs' | 'unknown';
  /** Seconds since it was first seen caught up, without a break. */
  caughtUpSeconds: number;
}

/** etcd itself is content with 90 % of the leader's index, which at index 10 million is a million entries behind. */
const largestLag = 1_000n;

/** The two indexes are read a moment apart: on a young cluster 1 % would be none at all. */
const noise = 10n;
const caughtUpPauseSeconds = 2;

/**
 * Whether a learner may become a voter (I-07): started, its directory the right one, caught up twice in two seconds, and the
 * voters there are would be a quorum of the grown cluster without it. A single voter is the exception: 2 of 2 has no other way.
 */
export function mayPromote({ etcd, memberId, staying, directory, caughtUpSeconds }: PromoteLearner): Verdict {
  const learner = memberById(etcd, memberId);
  if (learner === undefined) return refused('I-11', `etcd has no member ${memberId}`);
  const label = memberLabel(learner);
  if (learner.role === 'voter') return refused('I-07', `${label} is a voter already`);
  if (learner.name === '') return refused('I-07', `${label} was never started`);
  if (directory === 'differs') return refused('I-07', `the data directory of ${label} belongs to another membership`);
  if (directory === 'unknown') return unknown('I-07', `cannot observe the data directory of ${label}`);
  if (caughtUpSeconds < caughtUpPauseSeconds)
    return refusedForNow(
      'I-07',
      `${label} has been caught up for ${caughtUpSeconds} s: it is looked at again after ${caughtUpPauseSeconds} s`,
    );
  const voters = countVoters(votersOf(etcd));
  const needed = voters.total === 1 ? 1 : quorum(voters.total + 1);
  return allOf(
    hasQuorum(etcd),
    isUndisturbed(etcd, staying),
    isCaughtUp(etcd, learner),
    atLeast({
      rule: 'I-07',
      voters,
      needed,
      when: `for a cluster of ${voters.total + 1} with ${label} counted as absent`,
      otherwise: 'its failure would stop writes',
    }),
  );
}

/** Applied lag of a learner: at most 1000 entries and 1 % of the leader's index, but 10 are always granted. */
export function isCaughtUp(etcd: Pick<ObservedEtcd, 'members'>, learner: EtcdMember): Verdict {
  const leader = leaderOf(etcd);
  const label = memberLabel(learner);
  if (leader?.appliedIndex === undefined) return unknown('I-07', "cannot observe the leader's applied index");
  if (learner.appliedIndex === undefined) return unknown('I-07', `cannot observe how far ${label} is`);
  const ahead = BigInt(leader.appliedIndex);
  const lag = ahead - BigInt(learner.appliedIndex);
  const percent = ahead / 100n;
  const bound = percent > largestLag ? largestLag : percent < noise ? noise : percent;
  if (lag <= bound) return allowed;
  return refusedForNow('I-07', `${label} is ${lag} entries behind the leader, ${bound} are the most for a promotion`);
}
