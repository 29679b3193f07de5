import { components, type Component } from '../../cluster/components/component.ts';
import { controlPlanes } from '../../cluster/declaration/nodes.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import type { Edit } from './memory.ts';
import { dies, powerOff, powerOn, stop } from './model/engine.ts';
import { diskOf, endMember } from './model/etcd.ts';
import { badFlag, editable, spareWorker, withExtraArgs, withLabel, type Editable, type Shape } from './model/fleet.ts';
import { directoryState } from './model/observe.ts';
import { hostOf, latest, say, type Host, type World } from './model/world.ts';
import { crash, finish, settle, startOperation, tick, type Simulation } from './simulation.ts';

type Kind = 'go on' | 'time' | 'break call' | 'crash' | 'edit' | 'blur' | 'heal' | 'harm';

/** How often each kind of event comes, and which options people edit: a schedule stresses one side of things (swarm testing). */
export interface Weather {
  kinds: Kind[];
  edited: readonly Editable[];
}

const weathers: Weather[] = [
  {
    kinds: mix({ 'go on': 13, time: 2, 'break call': 1, crash: 1, edit: 1, blur: 1, heal: 1, harm: 4 }),
    edited: editable,
  },
  {
    kinds: mix({ 'go on': 12, time: 1, 'break call': 3, crash: 4, edit: 2, blur: 0, heal: 1, harm: 1 }),
    edited: ['kube-api', 'etcd'],
  },
  {
    kinds: mix({ 'go on': 14, time: 3, 'break call': 1, crash: 1, edit: 4, blur: 1, heal: 0, harm: 0 }),
    edited: editable,
  },
  {
    kinds: mix({ 'go on': 11, time: 3, 'break call': 1, crash: 0, edit: 2, blur: 4, heal: 2, harm: 1 }),
    edited: ['kube-api', 'etcd', 'etcd-rivers', 'kubelet'],
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
      return edit({ simulation, shape, weather }, choice);
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
  const quiet = lastReport?.outcome === 'converged' && lastReport.done.length === 0 && blurs.length === 0;
  return run === undefined && quiet && world.now - 3 < (lastReport?.at ?? 0);
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

const pick = <T>(items: readonly T[], choice: number): T => items[choice % items.length] as T;

/** Something breaks. */
function harm(world: World, choice: number): void {
  const host = pick([...world.hosts.values()], choice >> 3);
  const running = [...host.containers.values()].filter(({ state }) => state === 'running');
  const container = running.length === 0 ? undefined : pick(running, choice >> 6);
  switch (choice % 8) {
    case 0:
      return powerOff(world, host);
    case 1:
      say(world, `${host.name} is cut off`);
      host.link = 'cut';
      return;
    case 2:
    case 3:
      if (container === undefined) return;
      say(world, `docker kill ${container.component} on ${host.name}`);
      return stop(world, host, container, 'a person');
    case 4:
      if (container === undefined) return;
      say(world, `docker rm -f ${container.component} on ${host.name}`);
      stop(world, host, container, 'a person');
      host.containers.delete(container.component);
      return;
    case 5:
      if (container === undefined) return;
      say(world, `the process of ${container.component} on ${host.name} dies`);
      return dies(world, host, container, 'segmentation fault');
    case 6:
      if (!world.kubernetes.nodes.delete(host.name)) return;
      return say(world, `kubectl delete node ${host.name}`);
    default:
      return wipe(world, host);
  }
}

/** An etcd directory is emptied behind everyone's back: at most one, since nothing saves a cluster that has lost a majority of its disks. */
function wipe(world: World, host: Host): void {
  const disk = diskOf(world, host);
  if (disk === undefined || disk.content === 'empty' || world.records.etcd.state !== 'done') return;
  const others = [...world.hosts.values()].filter(
    (other) => other !== host && directoryState(world, other) !== 'intact' && diskOf(world, other),
  );
  const spare = Math.floor((world.etcd.members.length - 1) / 2);
  if (others.length >= spare) return;
  say(world, `the etcd directory of ${host.name} is emptied`);
  disk.emptied = 'while running';
  const container = host.containers.get('etcd');
  if (container?.state !== 'running' || host.power === 'off') endMember(world, host);
}

function heal(world: World, choice: number): void {
  const host = pick([...world.hosts.values()], choice);
  powerOn(world, host);
  host.link = 'up';
}

/** A person changes the declaration. */
function edit({ simulation, shape, weather }: Scene, choice: number): void {
  const { world, memory, watch } = simulation;
  const before = latest(world);
  const change = changeOf({ declaration: before, shape, edited: weather.edited }, choice);
  const after = memory.edit({ before, ...change });
  if (after === before) return;
  world.declarations.push(after);
  watch.tried.clear();
  say(world, `the declaration changes: ${change.name}, now revision ${world.declarations.length}`);
}

type Change = Omit<Edit, 'before'>;

interface Editing {
  declaration: Declaration;
  shape: Shape;
  edited: readonly Editable[];
}

function changeOf({ declaration, shape, edited }: Editing, choice: number): Change {
  const rest = choice >> 3;
  const option = pick(edited, rest);
  const touches = [componentOf(option)];
  switch (choice % 8) {
    case 0:
    case 1:
    case 2: {
      const argument = `--v=${(rest >> 3) % 3}`;
      return { name: `${option} ${argument}`, touches, make: (before) => withExtraArgs(before, option, [argument]) };
    }
    case 3:
    case 4:
      return { name: `${option} ${badFlag}`, touches, make: (before) => withExtraArgs(before, option, [badFlag]) };
    case 5:
      return goodAgain;
    case 6: {
      const [name, value] = [pick(declaration.nodes, rest).name, `tier-${(rest >> 3) % 3}`];
      return { name: `label ${value} on ${name}`, touches: [], make: (before) => withLabel(before, name, value) };
    }
    default:
      return { name: 'another worker', touches: 'all', make: (before) => withSpareWorker(before, shape) };
  }
}

const goodAgain: Change = { name: 'no bad flags', touches: 'all', make: withoutBadFlags };

const componentOf = (option: Editable): Component => (option === 'kube-api' ? 'kube-apiserver' : option);

function withSpareWorker(declaration: Declaration, shape: Shape): Declaration {
  const spare = declaration.nodes.length - shape.controlPlanes - shape.workers;
  if (spare >= shape.spares) return declaration;
  return { ...declaration, nodes: [...declaration.nodes, spareWorker(declaration, shape, spare)] };
}

function withoutBadFlags(declaration: Declaration): Declaration {
  return editable
    .filter((component) => declaration.options[component].extra_args.includes(badFlag))
    .reduce((after, component) => withExtraArgs(after, component, []), declaration);
}

/** Faults end: everything that a person repairs without a manager is repaired. Emptied directories stay emptied. */
export function endFaults(simulation: Simulation): void {
  const { world, memory } = simulation;
  for (const host of world.hosts.values()) {
    powerOn(world, host);
    host.link = 'up';
  }
  simulation.blurs = [];
  const before = latest(world);
  const after = memory.edit({ before, ...goodAgain });
  if (after !== before) world.declarations.push(after);
  simulation.watch.tried.clear();
  say(world, 'the faults are over');
}

/** Control planes whose etcd data are gone for good. */
export function lostMembers(world: World): string[] {
  if (world.records.etcd.state !== 'done') return [];
  return controlPlanes(latest(world))
    .map(({ name }) => name)
    .filter((name) => directoryState(world, hostOf(world, name)) !== 'intact');
}
