import type { Declaration } from '../declaration/declaration.ts';
import { versionOfImage } from '../declaration/image-reference.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import { mayRestartVoter } from '../etcd/restart.ts';
import { refused, type Verdict } from '../etcd/verdict.ts';
import type { EtcdMember, EtcdObservation } from '../observation.ts';
import type { Disruption } from '../steps/base.ts';
import type { Step } from '../steps/step.ts';
import { nothing, type Contribution, type Facts, type Placement } from './facts.ts';
import { runTarget } from './placement.ts';
import { whyUnproven } from './rollout.ts';
import { runningIn, whyTooFar } from './version-skew.ts';

type Observed = Extract<EtcdObservation, { state: 'observed' }>;

/**
 * Whether the member on a node may be stopped and started again (I-03, A-06). A declaration of one or two control planes
 * accepts the outage that this is; where it wants to be asked, decide() sets the step aside until a person has said yes.
 * decide() and the activity ask the same question.
 */
export function mayRestartMember(declaration: Declaration, etcd: EtcdObservation, node: string): Verdict {
  if (etcd.state === 'unobservable')
    return { kind: 'unknown', rule: 'I-01', because: `etcd can't be observed: ${etcd.because}` };
  const member = etcd.members.find((one) => one.node === node);
  if (member === undefined) return refused('I-11', `etcd has no member on ${node}`);
  const small = controlPlanes(declaration).length <= 2;
  return mayRestartVoter({ etcd, memberId: member.id, ...(small && { outage: 'accepted' as const }) });
}

/** Authentication, then one restart at a time: a learner and members that are out of sync first, followers before the leader (reliability §2.4). */
export function maintainEtcd(facts: Facts, members: Placement[]): Contribution {
  const { declaration, observation } = facts;
  const { etcd } = observation;
  if (etcd.state === 'unobservable') return nothing;
  if (etcd.authentication === 'disabled')
    return { ...nothing, steps: [{ kind: 'enable-etcd-authentication', because: 'it is off', disruption: 'none' }] };
  const outdated = members.filter(
    ({ drift, aside, container }) => container?.state === 'running' && drift !== undefined && !aside,
  );
  const [next] = outdated.toSorted((a, b) => rank(etcd, a) - rank(etcd, b));
  if (next === undefined) return nothing;
  const verdict = mayRestartMember(declaration, etcd, next.node.name);
  const because = verdict.kind === 'allowed' ? (whyNotNow(etcd, members, next) ?? whyTooNew(facts)) : verdict.because;
  if (because !== undefined)
    return {
      ...nothing,
      held: outdated.map(({ node }) => ({ gate: 'I-03', node: node.name, component: 'etcd', because })),
    };
  return { ...nothing, steps: [restart(etcd, next)] };
}

/** S-05: nothing that runs may be left too far behind. */
function whyTooNew({ declaration, observation, readImage }: Facts): string | undefined {
  const to = versionOfImage(declaration.images.etcd);
  return to && whyTooFar(to, runningIn(observation, readImage));
}

function restart(etcd: Observed, next: Placement): Step {
  const disruption: Disruption = etcd.members.length <= 2 ? 'outage' : 'restart';
  return { kind: 'restart-etcd-member', target: runTarget(next), disruption };
}

const memberOf = (etcd: Observed, { node }: Placement): EtcdMember | undefined =>
  etcd.members.find((member) => member.node === node.name);

function rank(etcd: Observed, one: Placement): number {
  const member = memberOf(etcd, one);
  if (member?.role === 'learner') return -1;
  if (member === undefined || member.sync === 'unsynced') return 0;
  return member.leader === 'follower' ? 1 : 2;
}

/**
 * A member is disturbed only when all others are in sync, and none was tried in vain: five members don't get a bad flag one after
 * the other. This is stricter than table T1, by which five bear two of them out: one of those two would be our own doing, and then
 * a machine that fails would stop writes. A learner and one that is known to be out of sync are missed by nobody; one that can't
 * be seen may well be in sync.
 */
function whyNotNow(etcd: Observed, members: Placement[], next: Placement): string | undefined {
  const member = memberOf(etcd, next);
  const unproven = whyUnproven(members.filter((one) => one !== next));
  if (unproven !== undefined) return unproven;
  if (member?.sync === 'unsynced' || member?.role === 'learner') return undefined;
  const failed = members.find(({ aside }) => aside !== undefined);
  if (failed?.aside) return failed.aside.because;
  const others = etcd.members.filter((one) => one !== member);
  const sick = others.find(({ sync }) => sync !== 'synced');
  return sick && `the etcd member on ${sick.node ?? sick.id} is not in sync, and no other is stopped meanwhile`;
}
