import type { Component } from '../../cluster/components/component.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import type { Edit } from './memory.ts';
import { badFlag, editable, spareWorker, withExtraArgs, withLabel, type Editable, type Shape } from './model/fleet.ts';
import { latest, say } from './model/world.ts';
import { pick } from './schedules.ts';
import type { Simulation } from './simulation.ts';

export interface Editing {
  simulation: Simulation;
  shape: Shape;
  /** Options that are edited. */
  edited: readonly Editable[];
}

/** A person changes the declaration. */
export function edit({ simulation, shape, edited }: Editing, choice: number): void {
  const { world, memory, watch } = simulation;
  const before = latest(world);
  const change = changeOf({ declaration: before, shape, edited }, choice);
  const after = memory.edit({ before, ...change });
  if (after === before) return;
  world.declarations.push(after);
  watch.tried.clear();
  say(world, `the declaration changes: ${change.name}, now revision ${world.declarations.length}`);
}

type Change = Omit<Edit, 'before'>;

interface Situation extends Omit<Editing, 'simulation'> {
  declaration: Declaration;
}

function changeOf({ declaration, shape, edited }: Situation, choice: number): Change {
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

export const goodAgain: Change = { name: 'no bad flags', touches: 'all', make: withoutBadFlags };

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
