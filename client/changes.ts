import type { Declaration } from '../cluster/declaration/declaration.ts';
import { isMapping } from '../cluster/declaration/mapping.ts';

export interface Changes {
  /** Lines such as `+ node worker-3` and `~ options.kube-scheduler.extra_args: 2 → 3 entries`. */
  lines: string[];
  /** Names of the nodes that are gone. */
  removed: string[];
}

const LONGEST = 60;

/** What differs between two declarations, field by field; nodes and pools are compared by name. */
export function changesBetween(before: Declaration, after: Declaration): Changes {
  const [old, fresh] = [byName(before.nodes), byName(after.nodes)];
  const removed = Object.keys(old).filter((name) => !(name in fresh));
  const added = Object.keys(fresh).filter((name) => !(name in old));
  const kept = Object.keys(fresh).filter((name) => name in old);
  const lines = [
    ...removed.map((name) => `- node ${name}`),
    ...added.map((name) => `+ node ${name}`),
    ...kept.flatMap((name) => differences(old[name], fresh[name], `node ${name}`)),
    ...differences(withoutNodes(before), withoutNodes(after), ''),
  ];
  return { lines, removed };
}

function byName(entries: readonly { name: string }[]): Record<string, unknown> {
  return Object.fromEntries(entries.map((entry) => [entry.name, entry]));
}

function withoutNodes({ nodes: _nodes, pools, ...rest }: Declaration): unknown {
  return { ...rest, pools: byName(pools) };
}

/** What differs between two values, a line for each field. */
export function differences(before: unknown, after: unknown, path: string): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isMapping(before) || !isMapping(after)) return [`~ ${path}: ${shown(before)} → ${shown(after)}`];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`));
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
