import { isControlPlane } from '../declaration/nodes.ts';
import type { Step } from '../steps/step.ts';
import type { Facts } from './facts.ts';

/**
 * Rules A-03 and E-06: of all that takes something away from the control plane one thing at a time, in this order: the way to
 * etcd, an etcd member, an API server. What is left out appears again in a later round.
 */
export function withoutClashes(facts: Facts, steps: Step[]): Step[] {
  const first = steps
    .filter((step) => turnOf(facts, step) !== undefined)
    .toSorted((a, b) => turn(facts, a) - turn(facts, b))[0];
  return steps.filter((step) => turnOf(facts, step) === undefined || step === first);
}

/** Whether a step is one of those that come one at a time. */
export const takesFromControlPlane = (facts: Facts, step: Step): boolean => turnOf(facts, step) !== undefined;

const turn = (facts: Facts, step: Step): number => turnOf(facts, step) ?? Infinity;

/** They take their turn though nobody notices them: one change of etcd at a time (E-06). */
const membershipChanges: readonly Step['kind'][] = [
  'add-etcd-member',
  'settle-etcd-member',
  'promote-etcd-member',
  'remove-etcd-member',
];

/** Whose turn comes first; undefined for steps that take nothing away from the control plane. */
function turnOf({ declaration }: Facts, step: Step): number | undefined {
  if (membershipChanges.includes(step.kind)) return 1;
  if (step.disruption === 'none' || step.disruption === 'reload') return undefined;
  if (step.kind === 'restart-etcd-member') return 1;
  if (step.kind !== 'run-component' && step.kind !== 'stop-component') return undefined;
  if (step.component === 'kube-apiserver') return 2;
  const onControlPlane = step.targets.some(({ node }) => isControlPlane(declaration, node));
  return step.component === 'etcd-rivers' && onControlPlane ? 0 : undefined;
}
