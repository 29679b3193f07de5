import { controlPlanes } from '../declaration/nodes.ts';
import { nodesOf } from '../steps/describe-step.ts';
import type { Step } from '../steps/step.ts';
import type { Target } from '../steps/base.ts';
import type { Wait } from '../plan.ts';
import { takesFromControlPlane } from './clashes.ts';
import type { Facts } from './facts.ts';

interface Spared {
  steps: Step[];
  waits: Wait[];
  notes: string[];
}

/**
 * Nodes that somebody holds a lease on are left alone, and said to be. A control plane among them counts as down: nothing else takes
 * anything away from the control plane meanwhile (DESIGN §5).
 */
export function withoutLeased(facts: Facts, steps: Step[]): Spared {
  const leases = Object.entries(facts.observation.records.leases ?? {});
  if (leases.length === 0) return { steps, waits: [], notes: [] };
  const names = new Set(leases.map(([node]) => node));
  const rules = controlPlanes(facts.declaration).some(({ name }) => names.has(name));
  const left = steps.flatMap((step): Step[] => {
    if (rules && takesFromControlPlane(facts, step)) return [];
    if (!nodesOf(step).some((node) => names.has(node))) return [step];
    // Members found a cluster together, or not at all.
    if (!('targets' in step) || step.kind === 'bootstrap-etcd') return [];
    const targets = (step.targets as Target[]).filter(({ node }) => !names.has(node));
    return targets.length === 0 ? [] : [{ ...step, targets }];
  });
  const sentence = (node: string, { holder, at, because }: (typeof leases)[number][1]) =>
    `${node} is in the hands of ${holder} since ${at} (${because}): nothing is begun there until cke-client resume --node ${node}`;
  const spared = left.length < steps.length || left.some((step, index) => step !== steps[index]);
  return spared
    ? {
        steps: left,
        waits: leases.map(([node, lease]) => ({
          on: node,
          because: sentence(node, lease),
          until: 'approval' as const,
        })),
        notes: [],
      }
    : { steps, waits: [], notes: leases.map(([node, lease]) => sentence(node, lease)) };
}
