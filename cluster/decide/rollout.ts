import type { Blocker, Wait } from '../plan.ts';
import type { RunComponent, StartComponent } from '../steps/component-steps.ts';
import type { Step } from '../steps/step.ts';
import { nothing, type Contribution, type Held, type Placement } from './facts.ts';
import {
  crashLoopRestarts,
  hasWantedSpec,
  isAiling,
  isCrashLoop,
  isDead,
  isHalted,
  isHealthy,
  isStopped,
  runTarget,
  sayHealth,
  startTarget,
} from './placement.ts';

export interface RolloutLimits {
  /** How many running containers may be replaced at the same time, once one of them has proven the new spec. */
  atOnce: number;
  /** How many go on although others are down; 1 unless told, so that a broken node holds up nobody. */
  atLeast?: 0 | 1;
  /** Why a running container may not be replaced now; missing and stopped ones are brought back all the same. */
  hold?: (one: Placement) => string | undefined;
  /** Why even a missing or stopped one may not come up with the wanted spec yet: what stands there with another is started as it was. */
  bar?: (one: Placement) => string | undefined;
}

/**
 * Brings one component to its wanted spec on all `placements`: missing ones are run and stopped ones started at once; running
 * ones are replaced first on one node (the canary), and on others only when the new spec has proven healthy somewhere. A spec
 * that is seen failing goes to no second node: what has stopped there is started as it was.
 */
export function rollOut(placements: Placement[], limits: RolloutLimits): Contribution {
  const component = placements[0]?.component;
  if (component === undefined || component === 'etcd' || placements.every(isProof)) return nothing;
  const open = placements.filter(({ aside }) => aside === undefined);
  const barred = open.filter((one) => wouldComeUp(one) && limits.bar?.(one) !== undefined);
  const missing = open.filter((one) => isMissing(one) && !barred.includes(one));
  const halted = open.filter((one) => one.drift !== undefined && isHalted(one) && !isDead(one));
  const unproven = whyUnproven(placements);
  const turns = takeTurns({ placements, missing, unproven, ...limits });
  const waitsForProof = unproven !== undefined || (turns.now.length > 0 && !placements.some(isProof));
  const run = waitsForProof ? missing : [...missing, ...halted.filter((one) => !barred.includes(one))];
  const stopped = open.filter((one) => {
    if (!isStopped(one)) return false;
    return hasWantedSpec(one) ? !barred.includes(one) : waitsForProof || barred.includes(one);
  });
  const unwell = open.filter((one) => isUnwell(one) && !halted.includes(one) && !isOutdated(one));
  const stuck = unproven === undefined ? [] : halted.filter((one) => !isStopped(one));
  const replaced = (targets: Placement[], disruption: 'none' | 'restart') =>
    step({ kind: 'run-component', component, targets: targets.map(runTarget), disruption });
  return {
    steps: [
      ...replaced([...run, ...turns.now.filter((one) => !isHealthy(one))], 'none'),
      ...step({ kind: 'start-component', component, targets: stopped.map(startTarget), disruption: 'none' }),
      ...replaced(turns.now.filter(isHealthy), 'restart'),
    ],
    blockers: unwell.filter(isCrashLoop).map(crashLoop),
    waits: unwell.filter((one) => !isCrashLoop(one)).map(startingUp),
    held: [
      ...turns.held,
      ...stuck.map((one) => holdBack(one, unproven ?? '')),
      ...barred.filter((one) => !stopped.includes(one)).flatMap((one) => heldBy(one, limits.bar?.(one))),
    ],
  };
}

const step = (one: RunComponent | StartComponent): Step[] => (one.targets.length === 0 ? [] : [one]);

const isMissing = (one: Placement): boolean => one.container === undefined || isDead(one);

/** Nothing serves there, and what would come has the wanted spec. */
const wouldComeUp = (one: Placement): boolean =>
  isMissing(one) || (one.drift === undefined ? isStopped(one) : isHalted(one));

/** Running with another spec: it serves, or has had its time to. */
export const isOutdated = (one: Placement): boolean => one.drift !== undefined && (isHealthy(one) || isAiling(one));

/** There, not stopped, and not known to serve. */
const isUnwell = (one: Placement): boolean => one.container !== undefined && !isStopped(one) && !isHealthy(one);

/**
 * Why the wanted spec goes to no more nodes for now: it has not been seen healthy anywhere, and has failed or is just starting
 * somewhere. A node that could not be reached, or lacks an image, says nothing about the spec.
 */
export function whyUnproven(placements: Placement[]): string | undefined {
  if (placements.some(isProof)) return undefined;
  const tried = placements.find(({ aside }) => aside?.code === 'CrashLoop' || aside?.code === 'NotHealthy');
  if (tried?.aside) return tried.aside.because;
  const made = placements.filter(hasWantedSpec);
  const dying = made.find((one) => isCrashLoop(one) && isUnwell(one));
  if (dying) return crashLoop(dying).because;
  const [starting] = made;
  return starting && goesFirst(starting);
}

const goesFirst = (one: Placement): string => `${one.component} on ${one.node.name} goes first: ${sayHealth(one)}`;

const isProof = (one: Placement): boolean => hasWantedSpec(one) && isHealthy(one);

interface Turns extends RolloutLimits {
  placements: Placement[];
  missing: Placement[];
  unproven: string | undefined;
}

/**
 * Which of the running and outdated ones are replaced now, and why the others are not yet. Those that ail come first, and are not
 * held by what protects those that serve; yet they may recover any moment, and are not all replaced together.
 */
function takeTurns({ placements, missing, unproven, atOnce, atLeast = 1, hold }: Turns): {
  now: Placement[];
  held: Held[];
} {
  const outdated = placements.filter((one) => one.aside === undefined && isOutdated(one));
  const proven = placements.some(isProof);
  const [first] = proven ? [] : missing;
  const why = (one: Placement) => (isAiling(one) ? undefined : hold?.(one)) ?? unproven ?? (first && goesFirst(first));
  const free = outdated
    .filter((one) => why(one) === undefined)
    .toSorted((a, b) => Number(isHealthy(a)) - Number(isHealthy(b)));
  const down = placements.filter((one) => !isHealthy(one) && !isOutdated(one));
  const room = Math.max(atLeast, Math.min(atOnce - down.length, proven ? atOnce : 1));
  return {
    now: free.slice(0, room),
    held: [
      ...outdated.flatMap((one) => heldBy(one, why(one))),
      ...(room === 0 ? free.flatMap((one) => heldBy(one, down[0] && goesFirst(down[0]))) : []),
    ],
  };
}

/** That a placement is held back, and why; nothing where there is no reason. */
export const heldBy = (one: Placement, because: string | undefined): Held[] =>
  because === undefined ? [] : [holdBack(one, because)];

export function holdBack({ component, node }: Placement, because: string): Held {
  return { gate: 'rollout', node: node.name, component, because };
}

function startingUp(one: Placement): Wait {
  return { on: `${one.component} on ${one.node.name}`, because: sayHealth(one) };
}

/** The blocker that names a component which dies again and again, with its own last words. */
export function crashLoop(one: Placement): Blocker {
  const { container, node, component } = one;
  const said = container?.lastLog?.at(-1);
  const restarts = container?.restarts ?? 0;
  const dies = restarts >= crashLoopRestarts;
  const seen = dies ? `has been restarted ${restarts} times` : `is not healthy: ${sayHealth(one)}`;
  return {
    gate: dies ? 'crash-loop' : 'not-healthy',
    code: dies ? 'CrashLoop' : 'NotHealthy',
    node: node.name,
    component,
    because: `${component} on ${node.name} ${seen}${said === undefined ? '' : `; it says: ${said}`}`,
    fix: `look at docker logs ${component} on ${node.name}, correct the declaration, then: cke-client apply`,
  };
}
