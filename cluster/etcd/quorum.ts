import type { EtcdMember, EtcdObservation } from '../observation.ts';
import { allowed, refusedForNow, unknown } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export type ObservedEtcd = Extract<EtcdObservation, { state: 'observed' }>;

/** Votes that a decision needs among `voters`. */
export function quorum(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

export function votersOf({ members }: Pick<ObservedEtcd, 'members'>): EtcdMember[] {
  return members.filter(({ role }) => role === 'voter');
}

export function learnersOf({ members }: Pick<ObservedEtcd, 'members'>): EtcdMember[] {
  return members.filter(({ role }) => role === 'learner');
}

/** How people call a member: its node, else its name, else its id. */
export function memberLabel({ node, name, id }: Pick<EtcdMember, 'node' | 'name' | 'id'>): string {
  return node ?? (name || `member ${id}`);
}

/** Voters by what is known about them. Those that cannot be observed count as down wherever a vote is needed. */
export interface VoterCount {
  total: number;
  synced: number;
  /** Labels of the voters that are neither known to be in sync nor known not to be. */
  unobserved: string[];
}

export function countVoters(voters: readonly EtcdMember[]): VoterCount {
  return {
    total: voters.length,
    synced: voters.filter(({ sync }) => sync === 'synced').length,
    unobserved: voters.filter(({ sync }) => sync === 'unknown').map(memberLabel),
  };
}

interface AtLeast {
  rule: string;
  /** The voters as they would be. */
  voters: VoterCount;
  needed: number;
  /** The beginning of the sentence, e.g. `after removing cp-2`. */
  when: string;
  /** What goes wrong below that number, e.g. `writes would stop`. */
  otherwise: string;
}

/**
 * Whether at least `needed` voters are in sync: surely (allowed), perhaps (unknown, naming those that can't be observed), or
 * not even at best (refused).
 */
export function atLeast({ rule, voters, needed, when, otherwise }: AtLeast): Verdict {
  const { synced, total, unobserved } = voters;
  if (synced >= needed) return allowed;
  const numbers = `${when} ${synced} of ${total} voters are known to be in sync and ${needed} are needed, else ${otherwise}`;
  if (synced + unobserved.length >= needed) return unknown(rule, `cannot observe ${unobserved.join(', ')}: ${numbers}`);
  return refusedForNow(rule, numbers);
}

/** I-01: no membership call without a quorum that can commit it. */
export function hasQuorum(etcd: Pick<ObservedEtcd, 'members'>): Verdict {
  const voters = countVoters(votersOf(etcd));
  return atLeast({
    rule: 'I-01',
    voters,
    needed: quorum(voters.total),
    when: 'now',
    otherwise: 'nothing can be committed',
  });
}

/** I-11: members are named by their id, never by name or address. */
export function memberById(etcd: Pick<ObservedEtcd, 'members'>, id: string): EtcdMember | undefined {
  return etcd.members.find((member) => member.id === id);
}

/** The member that leads, as most recently observed. Promotions and moves of leadership are sent to it (I-17). */
export function leaderOf({ members }: Pick<ObservedEtcd, 'members'>): EtcdMember | undefined {
  return members.find(({ leader }) => leader === 'leader');
}

/** I-04: for how long all voters have been in sync together. */
export function stableSeconds(etcd: ObservedEtcd): number {
  const since = votersOf(etcd).map(({ sync, sinceSeconds = 0 }) => (sync === 'synced' ? sinceSeconds : 0));
  return Math.floor(Math.min(...since));
}

/** For how many seconds a member has been in sync, or not. */
export function steadyFor(etcd: ObservedEtcd, memberId: string, sync: 'synced' | 'not'): number {
  const member = memberById(etcd, memberId);
  const is = member?.sync === 'synced' ? 'synced' : 'not';
  return is === sync ? Math.floor(member?.sinceSeconds ?? 0) : 0;
}
