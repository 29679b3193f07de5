import { isControlPlane, controlPlaneNames } from '../declaration/nodes.ts';
import { mayPromote } from '../etcd/addition.ts';
import { memberLabel } from '../etcd/quorum.ts';
import type { EtcdMember, Membership } from '../observation.ts';
import { nothing, usableNode, type Contribution, type Placement } from './facts.ts';
import { blocked, held, isTriedInVain, notYet, removal, step, wait, type Membering } from './membership-change.ts';
import { whyUnproven } from './rollout.ts';

/** Seconds that a learner has to catch up in, before it is taken out again (reliability §2.1). */
const catchUpSeconds = 600;

/** A learner has no vote: it is finished, or taken out, before anything else is changed. */
export function guideLearner(input: Membering, learner: EtcdMember): Contribution {
  const { facts, etcd, record } = input;
  const { node } = learner;
  const membership = node === undefined ? undefined : record.memberships[node];
  if (node === undefined || membership?.memberId !== learner.id) return strayLearner(input, learner);
  const label = memberLabel(learner);
  if (!isControlPlane(facts.declaration, node))
    return removal(input, learner, { manner: 'learner', because: `${label} is not declared any more` });
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
    staying: controlPlaneNames(facts.declaration),
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

/** I-13: a learner that nobody's record knows is somebody else's, unless its addition was interrupted before its id was on record. */
function strayLearner(input: Membering, learner: EtcdMember): Contribution {
  const label = memberLabel(learner);
  const isUnnamed = (membership: Membership | undefined) =>
    membership?.state === 'first-start' && membership.memberId === undefined;
  const own = learner.node === undefined ? undefined : input.record.memberships[learner.node];
  if (isUnnamed(own) && learner.name === '' && !isControlPlane(input.facts.declaration, learner.node))
    return removal(input, learner, { manner: 'learner', because: `${label} is not declared any more` });
  const ours = Object.values(input.record.memberships).some(isUnnamed);
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
