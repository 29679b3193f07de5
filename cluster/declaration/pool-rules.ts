import type { Parts } from './cross-rules.ts';
import type { Declaration } from './declaration.ts';
import { problemAt } from './problem.ts';
import type { Problem } from './problem.ts';
import { nearest } from './suggestion.ts';

/** Nodes are in pools that there are. */
export function poolProblems({ nodes, poolNames }: Pick<Parts, 'nodes' | 'poolNames'>): Problem[] {
  return nodes.flatMap(({ index, pool }) => {
    if (pool === undefined || poolNames.includes(pool)) return [];
    const near = nearest(pool, poolNames);
    const hint = near === undefined ? 'declare it in pools, or leave it out here' : `did you mean ${near}?`;
    const want = poolNames.length === 0 ? 'a pool that is declared' : `one of ${poolNames.slice(0, 12).join(', ')}`;
    return [problemAt(['nodes', index, 'pool'], pool, { code: 'unknown-pool', want, hint })];
  });
}

/** Pools that no node is in: accepted, since the last node may leave before the pool does. */
export function idlePools({ nodes, pools }: Pick<Declaration, 'nodes' | 'pools'>): Problem[] {
  const used = new Set(nodes.map(({ pool }) => pool));
  return pools.flatMap(({ name }, index) => {
    if (used.has(name)) return [];
    const finding = {
      code: 'idle-pool',
      want: `a node with pool: ${name}`,
      hint: 'no node is in it: it has no effect',
    };
    return [problemAt(['pools', index, 'name'], name, finding)];
  });
}
