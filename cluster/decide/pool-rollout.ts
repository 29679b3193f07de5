import { canonicalJson } from '../canonical.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { optionsOf } from '../declaration/pools.ts';
import { combine, type Contribution, type Placement } from './facts.ts';
import { isHealthy } from './placement.ts';
import { isOutdated, rollOut, type RolloutLimits } from './rollout.ts';

type WithPools = Pick<Declaration, 'options' | 'pools'>;

/**
 * A rollout of kubelet or kube-proxy for the nodes of each pool (of pools with equal settings, one together): what has proven itself with
 * other settings proves nothing here, and what fails here holds up nobody there. `atOnce` is for all of them together.
 */
export function rollOutByPool(declaration: WithPools, placements: Placement[], limits: RolloutLimits): Contribution {
  const down = downAmong(placements);
  const contributions: Contribution[] = [];
  for (const group of bySettings(declaration, placements)) {
    const taken = contributions.reduce((sum, one) => sum + restarts(one), 0);
    const atOnce = limits.atOnce - taken - (down - downAmong(group));
    contributions.push(rollOut(group, { ...limits, atOnce, ...(taken > 0 && { atLeast: 0 }) }));
  }
  return combine(contributions);
}

function bySettings(declaration: WithPools, placements: Placement[]): Placement[][] {
  const [first] = placements;
  if (first === undefined) return [];
  const settings = (node: Pick<NodeDeclaration, 'pool'>): string => {
    const { kubelet, 'kube-proxy': proxy } = optionsOf(declaration, node);
    return canonicalJson(first.component === 'kubelet' ? kubelet : proxy);
  };
  const ofPool = new Map(declaration.pools.map(({ name }) => [name, settings({ pool: name })]));
  const ofOthers = settings({});
  return [...Map.groupBy(placements, ({ node: { pool } }) => ofPool.get(pool ?? '') ?? ofOthers).values()];
}

function downAmong(placements: Placement[]): number {
  return placements.filter((one) => !isHealthy(one) && !isOutdated(one)).length;
}

function restarts({ steps }: Contribution): number {
  const targets = steps.flatMap((step) =>
    step.kind === 'run-component' && step.disruption === 'restart' ? step.targets : [],
  );
  return targets.length;
}
