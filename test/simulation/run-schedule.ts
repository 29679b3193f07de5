import { converge } from './converge.ts';
import { playEvent } from './events.ts';
import { fleetOf } from './fleets.ts';
import type { Memory } from './memory.ts';
import { convergedWorld, freshWorld } from './model/birth.ts';
import type { Violation, World } from './model/world.ts';
import { createSimulation, settle } from './simulation.ts';
import { weatherOf } from './weathers.ts';

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
  const { shape, from } = fleetOf(first);
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
  if (world.violations.length === 0) await converge(simulation, scene.weather.people);
  return { violations: world.violations, trace: world.trace, seconds: world.now };
}

export type { World };
