import { components } from '../../cluster/components/component.ts';
import { edit, goodAgain, type EditKind } from './edits.ts';
import { harm, heal } from './faults.ts';
import { powerOn } from './model/engine.ts';
import { editable, type Editable, type Shape } from './model/fleet.ts';
import { latest, say } from './model/world.ts';
import { pick } from './schedules.ts';
import { crash, finish, settle, startOperation, tick, type Simulation } from './simulation.ts';

type Kind = 'go on' | 'time' | 'break call' | 'crash' | 'edit' | 'blur' | 'heal' | 'harm';

/** How often each kind of event comes, and which options people edit: a schedule stresses one side of things (swarm testing). */
export interface Weather {
  kinds: Kind[];
  edited: readonly Editable[];
  edits: readonly EditKind[];
}

const usual: EditKind[] = [
  'args',
  'args',
  'args',
  'bad flag',
  'bad flag',
  'good again',
  'label',
  'another worker',
  'swap',
];
const members: EditKind[] = ['swap', 'swap', 'swap', 'grow', 'shrink', 'shrink', 'no worker', 'another worker', 'args'];

const weathers: Weather[] = [
  {
    kinds: mix({ 'go on': 13, time: 2, 'break call': 1, crash: 1, edit: 1, blur: 1, heal: 1, harm: 4 }),
    edited: editable,
    edits: usual,
  },
  {
    kinds: mix({ 'go on': 12, time: 1, 'break call': 3, crash: 4, edit: 2, blur: 0, heal: 1, harm: 1 }),
    edited: ['kube-api', 'etcd'],
    edits: usual,
  },
  {
    kinds: mix({ 'go on': 14, time: 3, 'break call': 1, crash: 1, edit: 4, blur: 1, heal: 0, harm: 0 }),
    edited: editable,
    edits: usual,
  },
  {
    kinds: mix({ 'go on': 11, time: 3, 'break call': 1, crash: 0, edit: 2, blur: 4, heal: 2, harm: 1 }),
    edited: ['kube-api', 'etcd', 'etcd-rivers', 'kubelet'],
    edits: usual,
  },
  {
    kinds: mix({ 'go on': 13, time: 3, 'break call': 1, crash: 1, edit: 2, blur: 1, heal: 1, harm: 2 }),
    edited: ['etcd'],
    edits: members,
  },
  {
    kinds: mix({ 'go on': 14, time: 4, 'break call': 2, crash: 2, edit: 1, blur: 0, heal: 1, harm: 0 }),
    edited: ['etcd'],
    edits: members,
  },
];

function mix(shares: Record<Kind, number>): Kind[] {
  return (Object.entries(shares) as [Kind, number][]).flatMap(([kind, share]) =>
    Array.from({ length: share }, () => kind),
  );
}

export const weatherOf = (first: number): Weather => pick(weathers, Math.floor(first / 7));

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
    case 'edit':
      return edit({ simulation, shape, edited: weather.edited, edits: weather.edits }, choice);
    case 'blur':
      return blur(simulation, choice);
    case 'heal':
      return heal(simulation.world, choice);
    case 'harm':
      return harm(simulation.world, choice);
  }
}

/** Nothing to do and nothing in the way: only time or a fault brings news. */
function isIdle({ run, lastReport, blurs, world }: Simulation): boolean {
  const rests = lastReport?.outcome === 'converged' || lastReport?.outcome === 'blocked';
  const quiet = rests && lastReport.done.length === 0 && blurs.length === 0;
  return run === undefined && quiet && world.now - 5 < (lastReport?.at ?? 0);
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
