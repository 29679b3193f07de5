import { canonicalJson } from '../cluster/canonical.ts';
import { describeSubject } from '../cluster/approval.ts';
import type { NodeObservation, Observation } from '../cluster/observation.ts';
import { describeStep } from '../cluster/steps/describe-step.ts';
import type { Plan } from '../cluster/plan.ts';
import type { Step } from '../cluster/steps/step.ts';
import type { PlanIdentity } from '../cluster/saved-plan.ts';
import { fingerprintOf } from './approvals.ts';

interface Identified {
  plan: Plan;
  observation: Observation;
  revision: number;
  /** The declaration's text. */
  text: string;
}

/** What makes a plan the one that it is: the text, the steps, and what they follow from. Times and loads are no part of it. */
export function identityOf({ plan, observation, revision, text }: Identified): PlanIdentity {
  return {
    text: fingerprintOf(text),
    steps: [
      ...plan.steps.map((step) => ({ title: describeStep(step), fingerprint: stepFingerprint(step, revision) })),
      ...(plan.pending ?? []).map((one) => ({
        title: `asks for a yes: ${describeSubject(one)}`,
        fingerprint: one.fingerprint,
      })),
    ],
    observed: observedDigests(observation),
  };
}

/** Of everything in a step: its kind, targets with their containers, and reasons, which say from what to what. */
function stepFingerprint({ approvals: _approvals, ...step }: Step, revision: number): string {
  return fingerprintOf(canonicalJson({ step, revision }));
}

function observedDigests({ nodes, departing = {}, etcd, kubernetes, records }: Observation): Record<string, string> {
  const all = [...Object.entries(nodes), ...Object.entries(departing).map(([name, { seen }]) => [name, seen] as const)];
  const parts = {
    ...Object.fromEntries(all.map(([name, node]) => [name, lasting(node)])),
    etcd: etcd.state === 'observed' ? etcd.members.map(({ id, role, node }) => ({ id, role, node })) : etcd.state,
    Kubernetes:
      kubernetes.state === 'observed'
        ? {
            nodes: kubernetes.nodes.map(({ name, schedulable }) => ({ name, schedulable })),
            endpoints: kubernetes.apiEndpoints,
          }
        : kubernetes.state,
    records: records.etcd,
  };
  return Object.fromEntries(
    Object.entries(parts).map(([part, seen]) => [part, fingerprintOf(canonicalJson(seen)).slice(0, 10)]),
  );
}

function lasting(node: NodeObservation): unknown {
  if (node.state !== 'observed') return node.state;
  const containers = Object.entries(node.containers).map(([component, { id, state, spec }]) => ({
    component,
    id,
    state,
    spec,
  }));
  return { containers, preflight: node.preflight };
}
