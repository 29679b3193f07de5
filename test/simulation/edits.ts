import type { Declaration, NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import { controlPlanes, nodeNamed, workers } from '../../cluster/declaration/nodes.ts';
import { quorum } from '../../cluster/etcd/quorum.ts';
import { voters } from './model/etcd.ts';
import {
  badFlag,
  editable,
  spareMaster,
  spareWorker,
  withExtraArgs,
  withLabel,
  type Editable,
  type Shape,
} from './model/fleet.ts';
import { latest, say, type World } from './model/world.ts';
import { pick } from './schedules.ts';
import type { Simulation } from './simulation.ts';

export type EditKind =
  'args' | 'bad flag' | 'good again' | 'label' | 'another worker' | 'no worker' | 'swap' | 'grow' | 'shrink';

export interface Editing {
  simulation: Simulation;
  shape: Shape;
  /** Options that are edited. */
  edited: readonly Editable[];
  /** What people do, as often as it is listed. */
  edits: readonly EditKind[];
}

/** A person changes the declaration. */
export function edit(editing: Editing, choice: number): void {
  const { world, watch } = editing.simulation;
  const before = latest(world);
  const change = changeOf(editing, before, choice);
  const after = change === undefined ? before : change.make(before);
  if (change === undefined || after === before || !isAccepted(world, after)) return;
  world.declarations.push(after);
  watch.tried.clear();
  say(world, `the declaration changes: ${change.name}, now revision ${world.declarations.length}`);
}

/** D-01, D-04, D-08: what `apply` would refuse is not declared. */
function isAccepted(world: World, after: Declaration): boolean {
  const masters = controlPlanes(after).map(({ name }) => name);
  const votes = voters(world).map(({ node }) => node);
  // The members of a first start can't change in its middle: that is said, and a person has to put them back.
  if (world.records.etcd.state !== 'done')
    return (
      masters.join() ===
      controlPlanes(latest(world))
        .map(({ name }) => name)
        .join()
    );
  const staying = votes.filter((name) => masters.includes(name)).length;
  return masters.length % 2 === 1 && staying >= quorum(votes.length);
}

interface Change {
  name: string;
  make: (before: Declaration) => Declaration;
}

function changeOf({ shape, edited, edits }: Editing, declaration: Declaration, choice: number): Change | undefined {
  const kind = pick(edits, choice);
  const rest = Math.floor(choice / edits.length);
  const option = pick(edited, rest);
  switch (kind) {
    case 'args': {
      const argument = `--v=${(rest >> 3) % 3}`;
      return { name: `${option} ${argument}`, make: (before) => withExtraArgs(before, option, [argument]) };
    }
    case 'bad flag':
      return { name: `${option} ${badFlag}`, make: (before) => withExtraArgs(before, option, [badFlag]) };
    case 'good again':
      return goodAgain;
    case 'label': {
      const [name, value] = [pick(declaration.nodes, rest).name, `tier-${(rest >> 3) % 3}`];
      return { name: `label ${value} on ${name}`, make: (before) => withLabel(before, name, value) };
    }
    default:
      return nodesChange({ kind, shape, declaration, rest });
  }
}

export const goodAgain: Change = { name: 'no bad flags', make: withoutBadFlags };

interface NodesChange {
  kind: 'another worker' | 'no worker' | 'swap' | 'grow' | 'shrink';
  shape: Shape;
  declaration: Declaration;
  rest: number;
}

/** Nodes come and go: machines that are free may be declared, those that are declared may leave. */
function nodesChange({ kind, shape, declaration, rest }: NodesChange): Change | undefined {
  const masters = controlPlanes(declaration);
  const below = workers(declaration);
  const free = [
    ...Array.from({ length: shape.spareMasters }, (_, index) => spareMaster(declaration, shape, index)),
    ...Array.from({ length: shape.spares }, (_, index) => spareWorker(declaration, shape, index)),
    ...original(shape, declaration),
  ].filter(
    (spare, at, all) => !nodeNamed(declaration, spare.name) && all.findIndex(({ name }) => name === spare.name) === at,
  );
  const freeMasters = free.filter(({ control_plane }) => control_plane);
  const freeWorkers = free.filter(({ control_plane }) => !control_plane);
  const leaver = pick(masters, rest);
  switch (kind) {
    case 'another worker':
      return replaced([], freeWorkers.slice(0, 1));
    case 'no worker':
      return replaced(below.slice(-1), []);
    case 'swap':
      return freeMasters.length === 0 ? undefined : replaced([leaver], freeMasters.slice(0, 1));
    case 'grow':
      return freeMasters.length < 2 ? undefined : replaced([], freeMasters.slice(0, 2));
    case 'shrink':
      return masters.length < 5 ? undefined : replaced([leaver, pick(masters, rest + 1)], []);
  }
}

/** Machines of the first declaration. */
function original(shape: Shape, like: Declaration): NodeDeclaration[] {
  return [
    ...Array.from({ length: shape.controlPlanes }, (_, index) =>
      spareMaster(like, { ...shape, controlPlanes: 0 }, index),
    ),
    ...Array.from({ length: shape.workers }, (_, index) => spareWorker(like, { ...shape, workers: 0 }, index)),
  ];
}

function replaced(leave: NodeDeclaration[], come: NodeDeclaration[]): Change | undefined {
  if (leave.length + come.length === 0) return undefined;
  const names = (nodes: NodeDeclaration[]) => nodes.map(({ name }) => name).join(', ');
  const stays = ({ name }: NodeDeclaration) => !leave.some((one) => one.name === name);
  return {
    name: [
      ...(leave.length > 0 ? [`without ${names(leave)}`] : []),
      ...(come.length > 0 ? [`with ${names(come)}`] : []),
    ].join(', '),
    make: (before) => ({ ...before, nodes: [...before.nodes.filter(stays), ...come] }),
  };
}

function withoutBadFlags(declaration: Declaration): Declaration {
  return editable
    .filter((component) => declaration.options[component].extra_args.includes(badFlag))
    .reduce((after, component) => withExtraArgs(after, component, []), declaration);
}
