import type { Blocker, Step, Wait } from '../plan.ts';
import type { Contribution, Placement } from './facts.ts';
import {
  crashLoopRestarts,
  hasWantedSpec,
  isBroken,
  isCrashLoop,
  isHealthy,
  isStopped,
  runTarget,
  sayHealth,
  startTarget,
} from './placement.ts';

export interface RolloutLimits {
  /** How many running containers may be replaced at the same time, once one of them has proven the new spec. */
  atOnce: number;
  /** Why a running container may not be replaced now; missing and stopped ones are brought back all the same. */
  hold?: (one: Placement) => string | undefined;
}

/**
 * Brings one component to its wanted spec on all `placements`: missing ones are run and stopped ones started at once; running
 * ones are replaced first on one node (the canary), and on others only when the new spec has proven healthy somewhere.
 */
export function rollOut(placements: Placement[], { atOnce, hold }: RolloutLimits): Contribution {
  const component = placements[0]?.component;
  if (component === undefined || component === 'etcd') return { steps: [], blockers: [], waits: [] };
  const open = placements.filter(({ aside }) => aside === undefined);
  const run = open.filter((one) => one.container === undefined || (one.drift !== undefined && isBroken(one)));
  const stopped = open.filter((one) => hasWantedSpec(one) && isStopped(one));
  const outdated = open.filter((one) => one.drift !== undefined && isHealthy(one));

  const steps: Step[] = [];
  if (run.length > 0) steps.push({ kind: 'run-component', component, targets: run.map(runTarget), disruption: 'none' });
  if (stopped.length > 0)
    steps.push({ kind: 'start-component', component, targets: stopped.map(startTarget), disruption: 'none' });

  const free = outdated.filter((one) => hold?.(one) === undefined);
  const unsafe = free.length === 0 ? undefined : unproven(placements, run);
  const proven = placements.some((one) => hasWantedSpec(one) && isHealthy(one));
  const allowed = unsafe === undefined ? free.slice(0, proven ? atOnce : 1) : [];
  if (allowed.length > 0)
    steps.push({ kind: 'run-component', component, targets: allowed.map(runTarget), disruption: 'restart' });

  const failing = open.filter((one) => hasWantedSpec(one) && !isStopped(one) && !isHealthy(one));
  return {
    steps,
    blockers: failing.filter(isCrashLoop).map(crashLoop),
    waits: [
      ...failing.filter((one) => !isCrashLoop(one)).map(startingUp),
      ...outdated.flatMap((one) => waitForTurn(one, hold?.(one) ?? unsafe)),
    ],
  };
}

/** Why the new spec must not go to more nodes: it has not been seen healthy anywhere, and is failing or just starting somewhere. */
function unproven(placements: Placement[], run: Placement[]): string | undefined {
  if (placements.some((one) => hasWantedSpec(one) && isHealthy(one))) return undefined;
  const failed = placements.find(({ aside }) => aside !== undefined);
  if (failed?.aside) return failed.aside.because;
  const starting = placements.find((one) => hasWantedSpec(one)) ?? run[0];
  return starting && `${starting.component} on ${starting.node.name} goes first: ${sayHealth(starting)}`;
}

function startingUp(one: Placement): Wait {
  return { on: `${one.component} on ${one.node.name}`, because: sayHealth(one) };
}

function waitForTurn(one: Placement, held: string | undefined): Wait[] {
  return held === undefined ? [] : [{ on: `${one.component} on ${one.node.name}`, because: held }];
}

/** The blocker that names a component which dies again and again, with its own last words. */
export function crashLoop(one: Placement): Blocker {
  const { container, node, component } = one;
  const said = container?.lastLog?.at(-1);
  const restarts = container?.restarts ?? 0;
  const seen =
    restarts >= crashLoopRestarts ? `has been restarted ${restarts} times` : `is not healthy: ${sayHealth(one)}`;
  return {
    gate: 'crash-loop',
    code: 'CrashLoop',
    node: node.name,
    component,
    because: `${component} on ${node.name} ${seen}${said === undefined ? '' : `; it says: ${said}`}`,
    fix: `look at docker logs ${component} on ${node.name}, correct the declaration, then: cke-client apply`,
  };
}
