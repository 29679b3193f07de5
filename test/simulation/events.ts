import { components } from '../../cluster/components/component.ts';
import { answerOne } from './answers.ts';
import { edit, goodAgain } from './edits.ts';
import { harm, heal } from './faults.ts';
import { powerOn } from './model/engine.ts';
import type { Shape } from './model/fleet.ts';
import { latest, say } from './model/world.ts';
import { pick } from './schedules.ts';
import { crash, finish, settle, startOperation, tick, type Simulation } from './simulation.ts';
import type { Weather } from './weathers.ts';

export interface Scene {
  simulation: Simulation;
  shape: Shape;
  weather: Weather;
}

/** One entry of a schedule: a small number, read against the state of the moment, so that any part of a schedule is one, too. */
export async function playEvent({ simulation, shape, weather }: Scene, entry: number): Promise<void> {
  const kind = pick(weather.kinds, entry);
  const choice = Math.floor(entry / 24);
  switch (kind) {
    case 'go on':
      return isIdle(simulation) ? tick(simulation) : goOn(simulation, choice);
    case 'time':
      return tick(simulation, 1 + (choice % 3));
    case 'break call':
      return breakCall(simulation, choice);
    case 'crash':
      return crash(simulation);
    case 'answer':
      return answerOne(simulation.world, choice);
    case 'edit':
      return edit({ simulation, shape, ...weather }, choice);
    case 'blur':
      return blur(simulation, choice);
    case 'heal':
      return heal(simulation.world, choice);
    case 'harm':
      return harm(simulation.world, choice);
  }
}

/** Nothing to do and nothing in the way: only time, a fault or a person brings news. */
function isIdle({ run, lastReport, blurs, world }: Simulation): boolean {
  if (run !== undefined || lastReport === undefined || blurs.length > 0) return false;
  const { outcome, done, waits, at } = lastReport;
  const waitsForPeople = outcome === 'waiting' && waits.every(({ until }) => until === 'approval');
  const rests = outcome === 'converged' || outcome === 'blocked' || waitsForPeople;
  return rests && done.length === 0 && world.now - 5 < at;
}

/** The next things that are under way happen; time goes by when none are. */
async function goOn(simulation: Simulation, choice: number): Promise<void> {
  const { world, calls } = simulation;
  if (simulation.run === undefined) startOperation(simulation);
  for (let left = 1 + ((choice >> 6) % 4); left > 0; left -= 1) {
    const late = calls.pending.filter(({ run }) => run.state === 'dead');
    const own = calls.pending.filter(({ run }) => run.state === 'alive');
    const pool = own.length === 0 || choice % 16 === 15 ? [...late, ...own] : own;
    const call = pool[choice % Math.max(1, pool.length)];
    if (call) finish(world, call, 'done');
    else return tick(simulation);
    await settle(simulation);
  }
}

function breakCall({ world, calls }: Simulation, choice: number): void {
  const call = calls.pending[(choice >> 1) % Math.max(1, calls.pending.length)];
  if (call) finish(world, call, choice % 2 === 0 ? 'answer lost' : 'not sent');
}

function blur(simulation: Simulation, choice: number): void {
  const nodes = latest(simulation.world).nodes;
  const node = pick(nodes, choice >> 3).name;
  const component = pick([...components], choice >> 6);
  const kinds = [
    { kind: 'node', node },
    { kind: 'health', node, component },
    { kind: 'etcd' },
    { kind: 'member', node },
    { kind: 'kubernetes' },
  ] as const;
  simulation.blurs.push(pick([...kinds], choice % 8));
}

/** Faults end: everything that a person repairs without a manager is repaired. Emptied directories stay emptied. */
export function endFaults(simulation: Simulation): void {
  const { world } = simulation;
  for (const host of world.hosts.values()) {
    powerOn(world, host);
    host.link = 'up';
  }
  simulation.blurs = [];
  world.faults = 'off';
  const before = latest(world);
  const after = goodAgain.make(before);
  if (after !== before) world.declarations.push(after);
  simulation.watch.tried.clear();
  say(world, 'the faults are over');
}
