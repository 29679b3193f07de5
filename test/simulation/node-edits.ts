import type { Declaration, NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import { controlPlanes, nodeNamed, workers } from '../../cluster/declaration/nodes.ts';
import type { Change } from './change.ts';
import { spareMaster, spareWorker, type Shape } from './model/fleet.ts';
import { pick } from './schedules.ts';

interface NodesChange {
  kind: 'another worker' | 'no worker' | 'swap' | 'swap all' | 'grow' | 'shrink';
  shape: Shape;
  declaration: Declaration;
  rest: number;
}

/** Nodes come and go: machines that are free may be declared, those that are declared may leave. */
export function nodesChange({ kind, shape, declaration, rest }: NodesChange): Change | undefined {
  const masters = controlPlanes(declaration);
  const below = workers(declaration);
  const free = freeMachines(shape, declaration);
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
    case 'swap all':
      return freeMasters.length < masters.length ? undefined : replaced(masters, freeMasters.slice(0, masters.length));
    case 'grow':
      return freeMasters.length < 2 ? undefined : replaced([], freeMasters.slice(0, 2));
    case 'shrink':
      return masters.length < 5 ? undefined : replaced([leaver, pick(masters, rest + 1)], []);
  }
}

function freeMachines(shape: Shape, declaration: Declaration): NodeDeclaration[] {
  return [
    ...Array.from({ length: shape.spareMasters }, (_, index) => spareMaster(declaration, shape, index)),
    ...Array.from({ length: shape.spares }, (_, index) => spareWorker(declaration, shape, index)),
    ...original(shape, declaration),
  ].filter(
    (spare, at, all) => !nodeNamed(declaration, spare.name) && all.findIndex(({ name }) => name === spare.name) === at,
  );
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

/** Machines change what they are: a worker and a control plane change places, or two of a kind become the other one. */
export function roleChange(declaration: Declaration, rest: number): Change | undefined {
  const [masters, below] = [controlPlanes(declaration), workers(declaration)];
  const [master, worker] = [masters[rest % masters.length], below[rest % Math.max(1, below.length)]];
  const pairs = [master && worker ? [master, worker] : [], below.slice(0, 2), masters.slice(-2)];
  const turned = pick(pairs, rest >> 4);
  return turned.length < 2 || turned.length === masters.length ? undefined : turn(turned);
}

function turn(turned: NodeDeclaration[]): Change {
  const names = turned.map(({ name }) => name);
  const turnedOver = (node: NodeDeclaration) =>
    names.includes(node.name) ? { ...node, control_plane: !node.control_plane } : node;
  return {
    name: `another role for ${names.join(' and ')}`,
    make: (before) => ({ ...before, nodes: before.nodes.map(turnedOver) }),
  };
}
