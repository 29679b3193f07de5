import { endFaults, playEvent, weatherOf } from './events.ts';
import { lostMembers } from './faults.ts';
import type { Memory } from './memory.ts';
import { isMemberUp } from './model/etcd.ts';
import { convergedWorld, freshWorld } from './model/birth.ts';
import type { Shape } from './model/fleet.ts';
import { say, violate, type Violation, type World } from './model/world.ts';
import { whyNodesRemain, whyNotConverged } from './plan-properties.ts';
import { createSimulation, finish, settle, startOperation, tick, type Simulation } from './simulation.ts';

/** Fleets that schedules play on: `fresh` ones are bootstrapped under faults. */
const beginnings: { shape: Shape; from: 'fresh' | 'converged' }[] = [
  { shape: { controlPlanes: 3, workers: 1, spares: 1, spareMasters: 2 }, from: 'converged' },
  { shape: { controlPlanes: 3, workers: 1, spares: 1, spareMasters: 3 }, from: 'converged' },
  { shape: { controlPlanes: 3, workers: 1, spares: 0, spareMasters: 1 }, from: 'fresh' },
  { shape: { controlPlanes: 3, workers: 2, spares: 1, spareMasters: 2 }, from: 'converged' },
  { shape: { controlPlanes: 1, workers: 1, spares: 1, spareMasters: 2 }, from: 'converged' },
  { shape: { controlPlanes: 1, workers: 1, spares: 0, spareMasters: 0 }, from: 'fresh' },
  { shape: { controlPlanes: 5, workers: 1, spares: 0, spareMasters: 1 }, from: 'converged' },
];

/** Seconds of the model, once faults have ended, within which everything has to be in order again. */
const convergesWithin = 600;

export interface Played {
  violations: Violation[];
  trace: string[];
  /** Events and rounds: a measure of how much happened. */
  seconds: number;
}

interface Play {
  /** Small numbers; the first one chooses the fleet and seeds what is left to chance. */
  schedule: readonly number[];
  memory: Memory;
}

/** Plays one schedule of faults against the model, then lets the faults end and waits for the fleet to converge. */
export async function runSchedule({ schedule, memory }: Play): Promise<Played> {
  const [first = 0, ...entries] = schedule;
  const beginning = beginnings[first % beginnings.length];
  if (beginning === undefined) throw new Error('there is a beginning');
  const { shape, from } = beginning;
  const birth = from === 'fresh' ? freshWorld : convergedWorld;
  const world = birth({ shape, seed: first, memory });
  const simulation = createSimulation({ world, memory });
  const scene = { simulation, shape, weather: weatherOf(first) };
  // Nothing in a schedule waits for the world outside: this is where the process has its turn.
  await new Promise((resolve) => setImmediate(resolve));
  for (const entry of entries) {
    await playEvent(scene, entry);
    await settle(simulation);
    if (world.violations.length > 0) break;
  }
  if (world.violations.length === 0) await converge(simulation);
  return { violations: world.violations, trace: world.trace, seconds: world.now };
}

async function converge(simulation: Simulation): Promise<void> {
  const { world } = simulation;
  endFaults(simulation);
  const deadline = world.now + convergesWithin;
  // What began under faults may report of them: only what began after them counts.
  for (let fresh = simulation.run === undefined; ; fresh = true) {
    // An election that was under way takes a moment.
    if (fresh) tick(simulation, 5);
    const finished = await operateFairly(simulation, deadline);
    if (world.violations.length > 0) return;
    if (!finished)
      return violate(world, 'P13', `not in order ${convergesWithin} s after the last fault: ${whyNot(simulation)}`);
    if (fresh && isAtRest(simulation)) break;
  }
  checkEnd(simulation);
}

/** One operation from beginning to end, every call answered in its turn; false when time has run out. */
async function operateFairly(simulation: Simulation, deadline: number): Promise<boolean> {
  const { world, calls } = simulation;
  startOperation(simulation);
  await settle(simulation);
  while (simulation.run !== undefined) {
    const [call] = calls.pending;
    if (call) finish(world, call, 'done');
    else tick(simulation);
    await settle(simulation);
    if (world.now > deadline || world.violations.length > 0) return false;
  }
  return world.now <= deadline;
}

/** P14: nothing was done, and nothing is expected to change by itself. A member whose data are gone may be tried in vain. */
function isAtRest({ lastReport, world }: Simulation): boolean {
  if (lastReport === undefined || lastReport.done.length > 0) return false;
  if (lastReport.outcome === 'failed') return lostMembers(world).length > 0;
  return lastReport.outcome === 'converged' || lastReport.outcome === 'blocked';
}

function whyNot({ world, memory, lastReport }: Simulation): string {
  const told = lastReport && [
    ...lastReport.blockers.map(({ because }) => because),
    ...lastReport.waits.map(({ on, because }) => `${on}: ${because}`),
  ];
  return `${whyNotConverged(world, memory) ?? 'in truth it is'}; the last operation ended ${lastReport?.outcome}: ${told?.join('; ')}`;
}

/** After the faults: converged, or blocked by nothing but etcd members whose data are gone. */
function checkEnd(simulation: Simulation): void {
  const { world, lastReport, memory } = simulation;
  const lost = lostMembers(world);
  if (lost.length === 0 && lastReport?.outcome !== 'converged')
    return violate(world, 'P16', `nothing is broken any more, and the operation ends ${whyNot(simulation)}`);
  if (lost.length === 0) {
    const lack = whyNotConverged(world, memory) ?? whyNodesRemain(world);
    if (lack !== undefined) violate(world, 'converged', `it is reported, and ${lack}`);
    return;
  }
  if (lastReport?.outcome === 'converged' && lost.some((name) => !isMemberUp(world, name)))
    violate(world, 'W-05', `the data of ${lost.join(', ')} are gone, and all is called well`);
  for (const name of lost)
    if (!isMemberUp(world, name) && !lastReport?.blockers.some(({ gate, node }) => node === name && gate === 'W-05'))
      violate(world, 'W-05', `the data of ${name} are gone, and nobody is told: ${whyNot(simulation)}`);
  say(world, `at rest without the data of ${lost.join(', ')}`);
}

export type { World };
