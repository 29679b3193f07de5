import { etcdVolume, isSettledSpec } from '../components/etcd.ts';
import { mayStartVoter } from '../etcd/directory.ts';
import type { Blocker } from '../plan.ts';
import type { RestartEtcdMember } from '../steps/etcd-steps.ts';
import type { Step } from '../steps/step.ts';
import { nothing, usableNode, type Contribution, type Facts, type Placement } from './facts.ts';
import {
  hasWantedSpec,
  isCrashLoop,
  isDead,
  isStopped,
  mayRecover,
  runTarget,
  startTarget,
  type Standing,
} from './placement.ts';
import { crashLoop, whyUnproven } from './rollout.ts';

/**
 * Brings back members that have stopped, from their settled spec and only on an intact directory (W-05, W-06): one whose
 * directory is gone is a failed member, and starting it would lose writes or found a second cluster (finding 1). Needs no
 * quorum: it is how a lost one comes back.
 */
export function startStopped(facts: Facts, members: Placement[]): Contribution {
  const down = members.filter((one) => isDown(one) && hasMembership(facts, one));
  const dead = down.flatMap((one) => failedMember(facts, one) ?? []);
  const alive = down.filter((one) => failedMember(facts, one) === undefined);
  const unproven = whyUnproven(members);
  // What has served goes on with its spec where the wanted one is seen failing.
  const isLeftToDocker = (one: Placement) => unproven !== undefined && mayRecover(one);
  const back = alive.filter((one) => canBeBroughtBack(one) && one.aside === undefined && !isLeftToDocker(one));
  return {
    ...nothing,
    steps: back.map((one) => (unproven !== undefined && maySimplyStart(one) ? startAsItStands(one) : bringBack(one))),
    blockers: [...dead, ...alive.filter((one) => !canBeBroughtBack(one) && isCrashLoop(one)).map(crashLoop)],
  };
}

/** One that was made for a first start is not, even on an intact directory: if that were emptied meanwhile it would found a cluster (W-06). */
export const maySimplyStart = (one: Standing): boolean => isStopped(one) && isSettledSpec(one.container?.spec ?? '');

/** What is wanted is seen failing elsewhere, or waits for a person, and this one can serve. */
export const startAsItStands = (one: Standing): RestartEtcdMember => start(one, 'start');

function start(one: Standing, manner: 'start' | 'settle'): RestartEtcdMember {
  return { kind: 'restart-etcd-member', manner, target: startTarget(one), disruption: 'none' };
}

const isDown = ({ container }: Placement): boolean => container?.state !== 'running';

function hasMembership({ observation }: Facts, { node }: Placement): boolean {
  const { etcd } = observation.records;
  return etcd.state !== 'never' && etcd.memberships[node.name] !== undefined;
}

/** One that keeps dying with the spec that is wanted would do so again; with another spec it may live. */
function canBeBroughtBack(one: Placement): boolean {
  const { container } = one;
  return (
    container === undefined ||
    isStopped(one) ||
    isDead(one) ||
    (container.state === 'restarting' && !hasWantedSpec(one))
  );
}

/** A container with the wanted spec is only started: without its id there is nothing to replace. The activity looks at the directory again. */
function bringBack(one: Placement): Step {
  const target = runTarget(one);
  const { because } = startTarget(one);
  const mayStart = hasWantedSpec(one) && !isDead(one);
  return {
    kind: 'restart-etcd-member',
    target: mayStart ? { node: target.node, because } : target,
    disruption: 'none',
  };
}

function failedMember(facts: Facts, { node }: Placement): Blocker | undefined {
  const seen = usableNode(facts, node.name);
  if (seen === undefined) return undefined;
  const verdict = mayStartVoter({ directory: seen.etcdDirectory, spec: 'settled' });
  if (verdict.kind === 'allowed') return undefined;
  const { etcd } = facts.observation.records;
  const directory = etcd.state === 'never' ? undefined : etcd.memberships[node.name]?.directory;
  const where = `${etcdVolume(facts.declaration)}/${directory}`;
  const what = seen.etcdDirectory === 'unknown' ? 'could not be looked at' : `is ${seen.etcdDirectory}`;
  return {
    gate: verdict.rule,
    code: 'QuorumAtRisk',
    node: node.name,
    component: 'etcd',
    because: `the data directory ${where} of the etcd member on ${node.name} ${what}: the member is not started, since an empty voter could lose acknowledged writes`,
    fix: `put the directory back, or replace the machine: cke-client replace ${node.name} --with ADDRESS`,
  };
}

/**
 * A voter that is to leave counts until it has: without a quorum those that have stopped are started, too, as they stand; one that was
 * made for a first start from the settled spec (W-06).
 */
export function startLeaving({ declaration, observation, setAside }: Facts): Contribution {
  const { departing = {}, nodes, records } = observation;
  if (records.etcd.state !== 'done') return nothing;
  const { memberships } = records.etcd;
  const former = declaration.nodes.filter(({ control_plane }) => !control_plane);
  const seen = [
    ...Object.entries(departing).map(([name, one]) => ({ node: one.node, name, seen: one.seen })),
    ...former.map((node) => ({ node, name: node.name, seen: nodes[node.name] })),
  ];
  const steps = seen.flatMap(({ node, name, seen: one }): Step[] => {
    if (one?.state !== 'observed' || memberships[name]?.state !== 'settled') return [];
    if (mayStartVoter({ directory: one.etcdDirectory, spec: 'settled' }).kind !== 'allowed') return [];
    if (setAside.some((entry) => entry.node === name && entry.component === 'etcd')) return [];
    const standing = { node, container: one.containers.etcd };
    if (standing.container !== undefined && !isStopped(standing)) return [];
    return [start(standing, maySimplyStart(standing) ? 'start' : 'settle')];
  });
  return { ...nothing, steps };
}
