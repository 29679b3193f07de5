import type { Blocker, Phase, Plan, Wait } from '../plan.ts';
import type { Step } from '../steps/step.ts';
import { askForApproval } from './approvals.ts';
import { withoutClashes } from './clashes.ts';
import { apiServers } from './api-servers.ts';
import { departures } from './departing.ts';
import { withoutLeased } from './leases.ts';
import { overdueCertificates } from './overdue-certificates.ts';
import { openExclusions, secretsEncryption } from './encryption.ts';
import { decideEtcd } from './etcd.ts';
import { etcdEndpoints } from './etcd-endpoints.ts';
import { combine, type Facts, type Held, type PhaseRule, type SetAside } from './facts.ts';
import { kmsPlugins } from './kms-plugins.ts';
import { kubernetesComponents } from './kubernetes-components.ts';
import { kubernetesObservability } from './observability.ts';
import { cniConfigurations, kubernetesObjects, nodeAttributes, readiness } from './node-attributes.ts';
import { prepare } from './prepare.ts';
import { proxies } from './proxies.ts';
import { reachability } from './reachability.ts';
import { openDeletions, userResources } from './resources.ts';
import { renewals } from './renewals.ts';
import { unexpectedComponents } from './unexpected-components.ts';

/**
 * What to do next: pure, synchronous, total, and the only place that knows. The steps of the returned plan may run at the same
 * time; what must come later is not in it yet, and appears when the cluster is observed again.
 */
export function decide(given: Facts): Plan {
  const facts: Facts = { ...given, looked: new Map() };
  const etcd = decideEtcd(facts);
  const onEtcd: PhaseRule[] = [
    apiServers,
    kubernetesObservability,
    kubernetesComponents,
    kubernetesObjects,
    etcdEndpoints,
    userResources,
    nodeAttributes,
    cniConfigurations,
    readiness,
  ];
  const rules: PhaseRule[] = [
    reachability,
    prepare,
    proxies,
    kmsPlugins,
    renewals,
    unexpectedComponents,
    secretsEncryption,
  ];
  const leaving = departures(facts);
  const all = combine([
    ...rules.map((rule) => rule(facts)),
    etcd,
    leaving,
    ...(etcd.serves === 'yes' ? onEtcd.map((rule) => rule(facts)) : []),
  ]);
  const spared = withoutLeased(facts, withoutSetAside(all.steps, facts.setAside));
  const asked = askForApproval(facts, spared.steps);
  const pending = [...asked.pending, ...openExclusions(facts), ...(etcd.serves === 'yes' ? openDeletions(facts) : [])];
  const steps = withoutClashes(facts, asked.steps);
  const moves = steps.length > 0 || all.waits.length > 0;
  const asks = pending.length > 0;
  const blockers = unique([...all.blockers, ...asked.blockers, ...(moves || asks ? [] : all.held.map(stuck))]);
  const waits = [
    ...all.waits,
    ...spared.waits,
    ...(moves ? all.held.map(waiting) : asks ? all.held.map(forApproval) : []),
  ];
  const notes = [...leaving.notes, ...spared.notes];
  const expiring = overdueCertificates(facts);
  const plan = {
    phase: phaseOf({ steps, blockers, waits }),
    steps,
    blockers,
    waits,
    ...(notes.length > 0 && { notes }),
    ...(expiring.length > 0 && { expiring }),
  };
  return asks ? { ...plan, phase: steps.length > 0 ? plan.phase : 'waiting', pending } : plan;
}

/** Something that is held back and can't come about by itself: nothing else in the plan moves. */
function stuck({ gate, node, component, because }: Held): Blocker {
  const fix = `cke-client why ${node}`;
  return {
    gate,
    code: 'NotHealthy',
    node,
    component,
    because: `${component} on ${node} is held back: ${because}`,
    fix,
  };
}

const waiting = ({ node, component, because }: Held): Wait => ({ on: `${component} on ${node}`, because });

const forApproval = (held: Held): Wait => ({ ...waiting(held), until: 'approval' });

/** What this operation has tried in vain is not tried again by it: each failure holds up its own target only. */
function withoutSetAside(steps: Step[], setAside: SetAside[]): Step[] {
  if (setAside.length === 0) return steps;
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
    return targets.length === 0 ? [] : [{ ...step, targets }];
  });
}

function unique(blockers: Blocker[]): Blocker[] {
  const seen = new Set<string>();
  return blockers.filter(({ because }) => !seen.has(because) && seen.add(because));
}

const phaseOfStep: Record<Step['kind'], Phase> = {
  'prepare-nodes': 'prepare',
  'run-component': 'components',
  'start-component': 'components',
  'renew-certificates': 'certificates',
  'stop-component': 'components',
  'bootstrap-etcd': 'etcd-bootstrap',
  'enable-etcd-authentication': 'etcd-maintenance',
  'restart-etcd-member': 'etcd-maintenance',
  'add-etcd-member': 'etcd-maintenance',
  'settle-etcd-member': 'etcd-maintenance',
  'promote-etcd-member': 'etcd-maintenance',
  'remove-etcd-member': 'etcd-maintenance',
  'retire-etcd-member': 'etcd-maintenance',
  'drain-node': 'departures',
  'uncordon-node': 'components',
  'remove-node': 'departures',
  'delete-node-object': 'departures',
  'apply-objects': 'kubernetes-objects',
  'apply-resources': 'kubernetes-objects',
  'delete-resources': 'kubernetes-objects',
  'update-api-endpoints': 'api-servers',
  'update-etcd-endpoints': 'kubernetes-objects',
  'update-node-attributes': 'node-attributes',
  'install-cni-configuration': 'node-attributes',
};

function phaseOf({ steps, blockers, waits }: Pick<Plan, 'steps' | 'blockers' | 'waits'>): Phase {
  const [first] = [...steps].sort((a, b) => order(a) - order(b));
  if (first !== undefined) return phaseOfOne(first);
  return waits.length > 0 || blockers.length > 0 ? 'waiting' : 'converged';
}

const phases: Phase[] = [
  'prepare',
  'proxies',
  'etcd-bootstrap',
  'certificates',
  'api-servers',
  'etcd-maintenance',
  'components',
  'kubernetes-objects',
  'node-attributes',
  'departures',
];

const order = (step: Step): number => phases.indexOf(phaseOfOne(step));

function phaseOfOne(step: Step): Phase {
  if ('component' in step && (step.component === 'rivers' || step.component === 'etcd-rivers')) return 'proxies';
  if ('component' in step && step.component === 'kube-apiserver') return 'api-servers';
  if (step.kind === 'drain-node' && step.before === 'upgrade') return 'components';
  return phaseOfStep[step.kind];
}
