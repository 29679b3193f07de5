import { mayAddLearner, mayPromote } from '../etcd/addition.ts';
import { learnersOf, memberLabel, votersOf, type ObservedEtcd } from '../etcd/quorum.ts';
import { mayRemoveFailedVoter, mayRemoveHealthyVoter, mayRemoveLearner } from '../etcd/removal.ts';
import type { Verdict } from '../etcd/verdict.ts';
import { peerUrl } from '../components/etcd.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import type { EtcdMember, EtcdRecord, Membership } from '../observation.ts';
import type { RemovalManner } from '../steps/etcd-steps.ts';
import type { Step } from '../steps/step.ts';
import { isDeparted } from './departing.ts';
import { isPrepared, nothing, usableNode, type Contribution, type Facts, type Placement } from './facts.ts';
import { whyUnproven } from './rollout.ts';
import { whyNotWithdrawn } from './withdrawal.ts';

/** Seconds that a member which is not declared any more, and is down, is given: being slow for a moment is no failure (I-09). */
export const departedGraceSeconds = 10;

/** Seconds that a learner has to catch up in, before it is taken out again (reliability §2.1). */
const catchUpSeconds = 600;

/** Rules that time alone fulfils. */
const passing = ['I-04', 'I-07', 'I-09', 'I-12'];

type Record = Exclude<EtcdRecord, { state: 'never' }>;

interface Membering {
  facts: Facts;
  etcd: ObservedEtcd;
  record: Record;
  members: Placement[];
}

/**
 * The one membership change that may be under way (I-04), in this order: what is left of removed members is put away, failed members
 * go, a learner is brought to its end, missing ones come, and only then a healthy one that is not wanted any more goes. A failed
 * member goes although a learner is there: without it the learner may never be promoted (I-07 wants a quorum of the grown cluster).
 */
export function changeMembership(facts: Facts, etcd: ObservedEtcd, members: Placement[]): Contribution {
  const { etcd: record } = facts.observation.records;
  if (record.state !== 'done') return nothing;
  const input = { facts, etcd, record, members };
  const left = retire(input);
  const [learner] = learnersOf(etcd);
  const failed = removeFailed(input);
  const goes = failed !== undefined && failed.steps.length > 0;
  const change =
    learner && !goes
      ? guideLearner(input, learner)
      : (failed ?? removeEmptied(input) ?? addMissing(input) ?? removeSurplus(input) ?? nothing);
  return { ...change, steps: [...left, ...change.steps] };
}

/** Members that decide() handles here: everybody else's health is told as a fault. */
export function isLeaving({ declaration }: Facts, { node, role }: EtcdMember): boolean {
  return role === 'learner' || node === undefined || !controlPlanes(declaration).some(({ name }) => name === node);
}

/** Memberships without a member: removed, and not yet put away. One on a node that can't be reached stays on record (R6). */
function retire({ facts, etcd, record }: Membering): Step[] {
  return Object.entries(record.memberships).flatMap(([node, membership]): Step[] => {
    if (!isGone({ facts, etcd }, node, membership) || !canBeReached(facts, node)) return [];
    const because = `member ${membership.memberId ?? 'of its'} is in no list any more`;
    return [{ kind: 'retire-etcd-member', target: { node, because }, disruption: 'none' }];
  });
}

/** Removed, or never added and not wanted any more. */
function isGone({ facts, etcd }: Pick<Membering, 'facts' | 'etcd'>, node: string, membership: Membership): boolean {
  const { memberId, state } = membership;
  if (state === 'removed') return true;
  if (memberId !== undefined) return !etcd.members.some(({ id }) => id === memberId);
  const declared = controlPlanes(facts.declaration).some(({ name }) => name === node);
  return !declared && !etcd.members.some((member) => member.node === node);
}

function canBeReached(facts: Facts, node: string): boolean {
  if (facts.setAside.some((entry) => entry.node === node && entry.step === 'retire-etcd-member')) return false;
  const seen = facts.observation.departing?.[node]?.seen ?? usableNode(facts, node);
  return seen?.state === 'observed' && isPrepared(seen);
}

/** A learner has no vote: it is finished, or taken out, before anything else is changed. */
function guideLearner(input: Membering, learner: EtcdMember): Contribution {
  const { facts, etcd, record } = input;
  const { node } = learner;
  const membership = node === undefined ? undefined : record.memberships[node];
  if (node === undefined || membership?.memberId !== learner.id) return strayLearner(input, learner);
  const label = memberLabel(learner);
  const wanted = controlPlanes(facts.declaration).some(({ name }) => name === node);
  if (!wanted) return removal(input, learner, { manner: 'learner', because: `${label} is not declared any more` });
  if ((learner.sinceSeconds ?? 0) > catchUpSeconds && learner.sync !== 'synced')
    return removal(input, learner, { manner: 'learner', because: `${label} has not caught up in ${catchUpSeconds} s` });
  if (isTriedInVain(facts, node)) return nothing;
  const placed = input.members.find((one) => one.node.name === node);
  if (placed === undefined || usableNode(facts, node) === undefined)
    return held(node, `${node} can't be observed, and its learner is left alone meanwhile`);
  if (membership.state === 'first-start' && learner.name === '')
    return placed.container?.state === 'running'
      ? wait(node, 'the learner has just been started')
      : step({ kind: 'add-etcd-member', target: { node, because: 'it was added and never started' } });
  if (learner.sync !== 'synced') return catchingUp(input, learner, placed);
  const unproven = whyUnproven(input.members.filter((one) => one !== placed));
  if (membership.state === 'first-start')
    return unproven === undefined
      ? step({ kind: 'settle-etcd-member', target: { node, because: 'it has caught up' } })
      : held(node, unproven);
  if (placed.container?.state !== 'running' || placed.drift !== undefined)
    return wait(node, 'it does not run from its settled spec yet');
  const verdict = mayPromote({
    etcd,
    memberId: learner.id,
    directory: 'matches',
    caughtUpSeconds: learner.sinceSeconds ?? 0,
  });
  if (verdict.kind !== 'allowed') return notYet(node, verdict);
  return step({
    kind: 'promote-etcd-member',
    memberId: learner.id,
    target: { node, because: `it has been caught up for ${Math.floor(learner.sinceSeconds ?? 0)} s` },
  });
}

/** Started once and not running, with data or without: a new start would need new data, so it is taken out (reliability §3.1 A6). */
function catchingUp(input: Membering, learner: EtcdMember, placed: Placement): Contribution {
  const node = learner.node ?? '';
  const because = learner.because ?? 'it catches up';
  const { state } = placed.container ?? { state: 'gone' };
  if (state === 'running' || state === 'restarting') return wait(node, because);
  const settled = input.record.memberships[node]?.state === 'settled';
  return settled
    ? nothing
    : removal(input, learner, { manner: 'learner', because: `it was interrupted in its first start (it is ${state})` });
}

/** I-13: a learner that nobody's record knows is somebody else's. */
function strayLearner(input: Membering, learner: EtcdMember): Contribution {
  const label = memberLabel(learner);
  const ours = Object.values(input.record.memberships).some(
    ({ memberId, state }) => memberId === undefined && state === 'first-start',
  );
  if (ours && learner.node !== undefined && usableNode(input.facts, learner.node) === undefined)
    return held(learner.node, `${learner.node} can't be observed, and its learner is left alone meanwhile`);
  if (ours && learner.node !== undefined && learner.name === '' && !isTriedInVain(input.facts, learner.node))
    return step({ kind: 'add-etcd-member', target: { node: learner.node, because: 'its addition was interrupted' } });
  return blocked(learner.node, {
    kind: 'refused',
    rule: 'I-13',
    because: `etcd has a learner (${label}, id ${learner.id}) that was not added by us: no member is added or removed beside it`,
  });
}

/** Failed members go before any comes (finding 3), and only with a cause beside being down (I-09). */
function removeFailed(input: Membering): Contribution | undefined {
  const { facts, etcd } = input;
  const failed = votersOf(etcd).filter((member) => member.sync !== 'synced' && isLeaving(facts, member));
  const [member] = failed.filter(({ node }) => node !== undefined);
  if (member === undefined) return undefined;
  const verdict = mayRemoveFailedVoter({
    etcd,
    memberId: member.id,
    cause: 'not-declared',
    failedSeconds: Math.floor(member.sinceSeconds ?? 0),
    graceSeconds: departedGraceSeconds,
  });
  const because = `it is not declared as a control plane any more, and down: ${member.because ?? 'no reason given'}`;
  return verdict.kind === 'allowed'
    ? removal(input, member, { manner: 'failed-voter', because })
    : notYet(memberLabel(member), verdict);
}

/**
 * W-05: a declared voter whose data are gone never starts again. It is taken out, and comes back as a new member with a directory of
 * its own; that its data are given up is for a person to say where the policy has `data-loss` in it.
 */
function removeEmptied({ facts, etcd, record }: Membering): Contribution | undefined {
  const [member] = votersOf(etcd).filter(({ node, id, sync }) => {
    const seen = sync === 'unsynced' && node !== undefined ? usableNode(facts, node) : undefined;
    if (node === undefined || seen === undefined || record.memberships[node]?.memberId !== id) return false;
    const gone = seen.etcdDirectory === 'absent' || seen.etcdDirectory === 'empty';
    return gone && seen.containers.etcd?.state !== 'running' && !isTriedInVain(facts, node);
  });
  if (member?.node === undefined) return undefined;
  const failedSeconds = Math.floor(member.sinceSeconds ?? 0);
  const graceSeconds = departedGraceSeconds;
  const verdict = mayRemoveFailedVoter({
    etcd,
    memberId: member.id,
    cause: 'directory-lost',
    failedSeconds,
    graceSeconds,
  });
  if (verdict.kind !== 'allowed') return undefined;
  const because = `its data directory is gone: it is taken out, and ${member.node} gets a new member from the others' data`;
  return step({
    kind: 'remove-etcd-member',
    manner: 'lost-data',
    memberId: member.id,
    target: { node: member.node, because },
  });
}

/** Declared control planes without a member, one at a time. */
function addMissing({ facts, etcd, record }: Membering): Contribution | undefined {
  const masters = controlPlanes(facts.declaration);
  const lacking = masters.filter(({ name }) => !etcd.members.some(({ node }) => node === name));
  if (lacking.length === 0) return undefined;
  const ready = lacking.filter(({ name }) => {
    const seen = usableNode(facts, name);
    const membership = record.memberships[name];
    return (
      seen !== undefined &&
      isPrepared(seen) &&
      !isTriedInVain(facts, name) &&
      (membership === undefined || !isGone({ facts, etcd }, name, membership))
    );
  });
  const [next] = ready;
  if (next === undefined) return held(lacking[0]?.name ?? '', 'the node is not ready for an etcd member yet');
  const verdict = mayAddLearner({
    etcd,
    peerUrl: peerUrl(next.address),
    wantedSize: masters.length,
    stableSeconds: stableSeconds(etcd),
  });
  // More voters than are wanted, and one of those that are is missing: a declaration that changed twice. A surplus one goes first.
  if (verdict.kind === 'refused' && verdict.rule === 'I-18') return undefined;
  if (verdict.kind !== 'allowed') return notYet(next.name, verdict);
  const because = 'it is declared as a control plane and has no etcd member';
  return step({ kind: 'add-etcd-member', target: { node: next.name, because } });
}

/** A healthy voter that is not declared any more: withdrawn from the endpoints first, followers before the leader. */
function removeSurplus(input: Membering): Contribution | undefined {
  const { facts, etcd } = input;
  const surplus = votersOf(etcd).filter((member) => isLeaving(facts, member));
  const foreign = surplus.find(({ node }) => node === undefined);
  if (foreign)
    return blocked(undefined, {
      kind: 'refused',
      rule: 'I-13',
      because: `etcd has a member ${memberLabel(foreign)} (id ${foreign.id}) on no node of ours: a person has to say that it may go`,
    });
  const [next] = surplus.toSorted((a, b) => Number(a.leader === 'leader') - Number(b.leader === 'leader'));
  if (next?.node === undefined || isTriedInVain(facts, next.node)) return undefined;
  const notWithdrawn = whyNotWithdrawn(facts, next.node);
  if (notWithdrawn !== undefined) return held(next.node, notWithdrawn);
  // Leadership is moved away by the step itself, which checks again.
  const asFollower = { ...etcd, members: etcd.members.map((one) => (one === next ? follower(next) : one)) };
  const verdict = mayRemoveHealthyVoter({
    etcd: asFollower,
    memberId: next.id,
    wantedSize: controlPlanes(facts.declaration).length,
    stableSeconds: stableSeconds(etcd),
  });
  if (verdict.kind !== 'allowed') return notYet(next.node, verdict);
  const because = isDeparted(facts, next.node) ? 'it has left the declaration' : 'it is no control plane any more';
  return removal(input, next, { manner: 'healthy-voter', because });
}

const follower = (member: EtcdMember): EtcdMember => ({
  ...member,
  leader: member.leader === 'leader' ? 'follower' : member.leader,
});

/** I-04: for how long all voters have been in sync together. */
export function stableSeconds(etcd: ObservedEtcd): number {
  const since = votersOf(etcd).map(({ sync, sinceSeconds = 0 }) => (sync === 'synced' ? sinceSeconds : 0));
  return Math.floor(Math.min(...since));
}

function removal(
  { etcd, facts }: Membering,
  member: EtcdMember,
  { manner, because }: { manner: RemovalManner; because: string },
): Contribution {
  const node = memberLabel(member);
  if (isTriedInVain(facts, node)) return nothing;
  if (manner === 'learner') {
    const verdict = mayRemoveLearner({ etcd, memberId: member.id });
    if (verdict.kind !== 'allowed') return notYet(node, verdict);
  }
  return step({ kind: 'remove-etcd-member', manner, memberId: member.id, target: { node, because } });
}

const kinds: Step['kind'][] = ['add-etcd-member', 'settle-etcd-member', 'promote-etcd-member', 'remove-etcd-member'];

const isTriedInVain = ({ setAside }: Facts, node: string): boolean =>
  setAside.some((entry) => entry.node === node && kinds.includes(entry.step));

type Bare<S> = S extends Step ? Omit<S, 'disruption'> : never;

const step = (bare: Bare<Step>): Contribution => ({ ...nothing, steps: [{ ...bare, disruption: 'none' }] });

const wait = (node: string, because: string): Contribution => ({
  ...nothing,
  waits: [{ on: `etcd on ${node}`, because }],
});

const held = (node: string, because: string): Contribution => ({
  ...nothing,
  held: [{ gate: 'etcd-membership', node, component: 'etcd', because }],
});

/** What time fulfils is waited for; anything else is for a person. */
function notYet(node: string, verdict: Exclude<Verdict, { kind: 'allowed' }>): Contribution {
  if (verdict.kind === 'refused' && passing.includes(verdict.rule)) return wait(node, verdict.because);
  return verdict.rule === 'I-15' ? held(node, verdict.because) : blocked(node, verdict);
}

function blocked(node: string | undefined, { rule, because }: Exclude<Verdict, { kind: 'allowed' }>): Contribution {
  const fix = node === undefined ? 'cke-client status shows the members' : `cke-client why ${node}`;
  return {
    ...nothing,
    blockers: [
      {
        gate: rule,
        code: 'QuorumAtRisk',
        ...(node !== undefined && { node }),
        component: 'etcd',
        because: `the members of etcd are not changed now: ${because}`,
        fix,
      },
    ],
  };
}
