import type { Declaration } from '../../cluster/declaration/declaration.ts';
import type { Acceptance } from './acceptance.ts';
import type { Change } from './change.ts';
import { badFlag, editable, withExtraArgs, withLabel, type Editable, type Shape } from './model/fleet.ts';
import { latest, say } from './model/world.ts';
import { nodesChange, roleChange } from './node-edits.ts';
import { pick } from './schedules.ts';
import type { Simulation } from './simulation.ts';
import { etcdUpgrade, kubernetesUpgrade } from './upgrade-edits.ts';

export type EditKind =
  | 'args'
  | 'bad flag'
  | 'good again'
  | 'label'
  | 'another worker'
  | 'no worker'
  | 'swap'
  | 'swap all'
  | 'grow'
  | 'shrink'
  | 'role'
  | 'kubernetes version'
  | 'etcd version';

export interface Editing {
  simulation: Simulation;
  shape: Shape;
  /** Options that are edited. */
  edited: readonly Editable[];
  /** What people do, as often as it is listed. */
  edits: readonly EditKind[];
  isAccepted: Acceptance;
}

/** A person changes the declaration. */
export function edit(editing: Editing, choice: number): void {
  const { world, watch } = editing.simulation;
  const before = latest(world);
  const change = changeOf(editing, before, choice);
  const after = change === undefined ? before : change.make(before);
  if (change === undefined || after === before || !editing.isAccepted(world, after)) return;
  world.declarations.push(after);
  watch.tried.clear();
  say(world, `the declaration changes: ${change.name}, now revision ${world.declarations.length}`);
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
    case 'role':
      return roleChange(declaration, rest);
    case 'kubernetes version':
      return kubernetesUpgrade(declaration, rest);
    case 'etcd version':
      return etcdUpgrade(declaration, rest);
    default:
      return nodesChange({ kind, shape, declaration, rest });
  }
}

export const goodAgain: Change = { name: 'no bad flags', make: withoutBadFlags };

function withoutBadFlags(declaration: Declaration): Declaration {
  return editable
    .filter((component) => declaration.options[component].extra_args.includes(badFlag))
    .reduce((after, component) => withExtraArgs(after, component, []), declaration);
}
