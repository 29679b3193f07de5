import { controlPlanes } from '../declaration/nodes.ts';
import { nothing, placements, type PhaseRule } from './facts.ts';
import { isHealthy } from './placement.ts';

/** Seconds after its start within which an API server may be healthy and yet not answer a look. */
const youngSeconds = 60;

/** API servers serve, and yet Kubernetes can't be looked at: unknown, and said so; never fine (DESIGN §7.1). */
export const kubernetesObservability: PhaseRule = (facts) => {
  const { kubernetes } = facts.observation;
  if (kubernetes.state === 'observed') return nothing;
  const serving = placements(facts, 'kube-apiserver', controlPlanes(facts.declaration)).filter(isHealthy);
  if (serving.length === 0) return nothing;
  const because = `Kubernetes can't be observed: ${kubernetes.because}`;
  if (serving.some(({ container }) => (container?.upSeconds ?? 0) < youngSeconds))
    return { ...nothing, waits: [{ on: 'Kubernetes', because }] };
  const fix = 'cke-client doctor';
  return { ...nothing, blockers: [{ gate: 'kubernetes-unobservable', code: 'KubernetesUnavailable', because, fix }] };
};
