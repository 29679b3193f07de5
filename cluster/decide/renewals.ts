import type { Component } from '../components/component.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import type { Step } from '../steps/step.ts';
import { combine, nothing, placements, type Contribution, type Facts, type PhaseRule } from './facts.ts';
import { runTarget } from './placement.ts';

/**
 * New certificates for what takes them up without being stopped: one control plane at a time, since an API server that refuses its
 * new files is to be the only one. It needs neither etcd nor an API server that serves: their certificates may be why they don't.
 */
export const renewals: PhaseRule = (facts) => combine([renew(facts, 'etcd'), renew(facts, 'kube-apiserver')]);

function renew(facts: Facts, component: Component): Contribution {
  const [next] = placements(facts, component, controlPlanes(facts.declaration)).filter(
    ({ renewal }) => renewal !== undefined,
  );
  const failed = facts.setAside.some((entry) => entry.step === 'renew-certificates' && entry.component === component);
  if (next?.renewal === undefined || failed) return nothing;
  const targets = [{ ...runTarget(next), because: next.renewal }];
  const step: Step = { kind: 'renew-certificates', component, targets, disruption: 'reload' };
  return { ...nothing, steps: [step] };
}
