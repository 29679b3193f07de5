import type { Blocker, Phase, Plan, Step, Wait } from '../plan.ts';
import { apiServers } from './api-servers.ts';
import { decideEtcd } from './etcd.ts';
import { combine, type Contribution, type Facts, type PhaseRule, type SetAside } from './facts.ts';
import { kubernetesComponents, unexpectedComponents } from './kubernetes-components.ts';
import { cniConfigurations, kubernetesObjects, nodeAttributes, readiness } from './node-attributes.ts';
import { prepare } from './prepare.ts';
import { proxies } from './proxies.ts';
import { reachability } from './reachability.ts';

/**
 * What to do next: pure, synchronous, total, and the only place that knows. The steps of the returned plan may run at the same
 * time; what must come later is not in it yet, and appears when the cluster is observed again.
 */
export function decide(facts: Facts): Plan {
  const etcd = decideEtcd(facts);
  const onEtcd: PhaseRule[] = [
    apiServers,
    kubernetesComponents,
    kubernetesObjects,
    nodeAttributes,
    cniConfigurations,
    readiness,
  ];
  const rules: PhaseRule[] = [reachability, prepare, proxies, unexpectedComponents];
  const all = combine([
    ...rules.map((rule) => rule(facts)),
    etcd,
    ...(etcd.serves === 'yes' ? onEtcd.map((rule) => rule(facts)) : []),
  ]);
  const steps = withoutClashes(withoutSetAside(all.steps, facts.setAside));
  return { phase: phaseOf({ ...all, steps }), steps, blockers: unique(all.blockers), waits: all.waits };
}

/** What this operation has tried in vain is not tried again by it: each failure holds up its own target only. */
function withoutSetAside(steps: Step[], setAside: SetAside[]): Step[] {
  const isAside = (step: Step, node?: string) =>
    setAside.some(
      (entry) =>
        entry.step === step.kind &&
        entry.node === node &&
        (entry.component === undefined || !('component' in step) || entry.component === step.component),
    );
  return steps.flatMap((step): Step[] => {
    if (isAside(step)) return [];
    if ('target' in step) return isAside(step, step.target.node) ? [] : [step];
    if (!('targets' in step) || step.kind === 'bootstrap-etcd') return [step];
    const targets = step.targets.filter(({ node }) => !isAside(step, node));
    return targets.length === 0 ? [] : [{ ...step, targets } as Step];
  });
}

/**
 * Rules A-03 and E-06: an etcd member and an API server are not stopped in the same round. The etcd member goes first.
 */
function withoutClashes(steps: Step[]): Step[] {
  const restartsEtcd = steps.some(({ kind, disruption }) => kind === 'restart-etcd-member' && disruption === 'restart');
  if (!restartsEtcd) return steps;
  return steps.filter(
    (step) => !(step.kind === 'run-component' && step.component === 'kube-apiserver' && step.disruption === 'restart'),
  );
}

function unique(blockers: Blocker[]): Blocker[] {
  const seen = new Set<string>();
  return blockers.filter(({ because }) => !seen.has(because) && seen.add(because));
}

const phaseOfStep: Record<Step['kind'], Phase> = {
  'prepare-nodes': 'prepare',
  'run-component': 'components',
  'start-component': 'components',
  'stop-component': 'components',
  'bootstrap-etcd': 'etcd-bootstrap',
  'enable-etcd-authentication': 'etcd-maintenance',
  'restart-etcd-member': 'etcd-maintenance',
  'apply-objects': 'kubernetes-objects',
  'update-api-endpoints': 'api-servers',
  'update-node-attributes': 'node-attributes',
  'install-cni-configuration': 'node-attributes',
};

function phaseOf({ steps, blockers, waits }: Contribution): Phase {
  const [first] = [...steps].sort((a, b) => order(a) - order(b));
  if (first !== undefined) return phaseOfOne(first);
  return waits.length > 0 || blockers.length > 0 ? 'waiting' : 'converged';
}

const phases: Phase[] = [
  'prepare',
  'proxies',
  'etcd-bootstrap',
  'api-servers',
  'etcd-maintenance',
  'components',
  'kubernetes-objects',
  'node-attributes',
];

const order = (step: Step): number => phases.indexOf(phaseOfOne(step));

function phaseOfOne(step: Step): Phase {
  if ('component' in step && (step.component === 'rivers' || step.component === 'etcd-rivers')) return 'proxies';
  if ('component' in step && step.component === 'kube-apiserver') return 'api-servers';
  return phaseOfStep[step.kind];
}

/** What is waited for and nothing else: an operation looks again soon, under the same lock. */
export function isOnlyWaiting({ steps, waits }: { steps: Step[]; waits: Wait[] }): boolean {
  return steps.length === 0 && waits.length > 0;
}
