import { canonicalJson } from '../canonical.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { optionsOf, type NodeOptions } from '../declaration/pools.ts';
import { combine, type Contribution, type Placement } from './facts.ts';
import { isHealthy } from './placement.ts';
import { isOutdated, rollOut, type RolloutLimits } from './rollout.ts';

/**
 * A rollout of its own for the nodes of each pool (of pools with equal settings, one together): what has proven itself with other
 * settings proves nothing here, and what fails here holds up nobody there. `atOnce` is for all of them together.
 */
export function rollOutByPool(
  declaration: Pick<Declaration, 'options' | 'pools'>,
  placements: Placement[],
  limits: RolloutLimits,
): Contribution {
  const down = placements.filter((one) => !isHealthy(one) && !isOutdated(one));
  const contributions: Contribution[] = [];
  for (const group of bySettings(declaration, placements)) {
    const elsewhere = down.filter((one) => !group.includes(one)).length;
    const taken = contributions.reduce((sum, one) => sum + restarts(one), 0);
    const atLeast = taken === 0 ? limits.atLeast : 0;
    const atOnce = limits.atOnce - elsewhere - taken;
    contributions.push(rollOut(group, { ...limits, atOnce, ...(atLeast !== undefined && { atLeast }) }));
  }
  return combine(contributions);
}

function bySettings(declaration: Pick<Declaration, 'options' | 'pools'>, placements: Placement[]): Placement[][] {
  const keys = new Map<string | undefined, string>();
  const settings = ({ node, component }: Placement): string => {
    const known = keys.get(node.pool);
    if (known !== undefined) return known;
    const options: Partial<Record<Placement['component'], NodeOptions[keyof NodeOptions]>> = optionsOf(
      declaration,
      node,
    );
    const key = canonicalJson(options[component] ?? {});
    keys.set(node.pool, key);
    return key;
  };
  return [...Map.groupBy(placements, settings).values()];
}

function restarts({ steps }: Contribution): number {
  return steps.reduce(
    (sum, step) => sum + (step.kind === 'run-component' && step.disruption === 'restart' ? step.targets.length : 0),
    0,
  );
}
