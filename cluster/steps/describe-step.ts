import type { Target } from './base.ts';
import type { Step } from './step.ts';
import { listResources } from '../plan.ts';

/** Nodes that a step touches. */
export function nodesOf(step: Step): string[] {
  if ('targets' in step) return step.targets.map(({ node }) => node);
  if ('target' in step) return [step.target.node];
  return [];
}

/** One line per step for people, e.g. `replace kube-scheduler on cp-2: extra_args changed`. */
export function describeStep(step: Step): string {
  const where = listNodes(nodesOf(step));
  switch (step.kind) {
    case 'prepare-nodes':
      return `prepare ${where}`;
    case 'run-component':
      return `run ${step.component} on ${where}: ${reasons(step.targets)}`;
    case 'renew-certificates':
      return `renew the certificates of ${step.component} on ${where}: ${reasons(step.targets)}`;
    case 'start-component':
      return `start ${step.component} on ${where}: ${reasons(step.targets)}`;
    case 'stop-component':
      return `stop ${step.component} on ${where}: ${reasons(step.targets)}`;
    case 'bootstrap-etcd':
      return step.restore === undefined
        ? `bootstrap etcd on ${where}`
        : `restore etcd on ${where} from ${step.restore}`;
    case 'enable-etcd-authentication':
      return `enable etcd authentication: ${step.because}`;
    case 'restart-etcd-member':
      return `${step.manner ?? 'restart'} the etcd member on ${where}: ${step.target.because}`;
    case 'add-etcd-member':
      return `add an etcd learner on ${where}: ${step.target.because}`;
    case 'settle-etcd-member':
      return `settle the etcd learner on ${where}: ${step.target.because}`;
    case 'promote-etcd-member':
      return `promote the etcd learner on ${where}: ${step.target.because}`;
    case 'remove-etcd-member':
      return `remove the etcd member of ${where}: ${step.target.because}`;
    case 'retire-etcd-member':
      return `put what is left of the etcd member on ${where} away: ${step.target.because}`;
    case 'drain-node':
      return `drain ${where}: ${reasons(step.targets)}`;
    case 'uncordon-node':
      return `uncordon ${where}: ${reasons(step.targets)}`;
    case 'remove-node':
      return `remove ${where}: ${reasons(step.targets)}`;
    case 'delete-node-object':
      return `delete the Node object of ${where}: ${reasons(step.targets)}`;
    case 'apply-objects':
      return `apply ${step.objects.length} Kubernetes objects: ${step.objects.map(({ key }) => key).join(', ')}`;
    case 'apply-resources':
      return `apply ${listResources(step.keys)}: ${step.because}`;
    case 'delete-resources':
      return `delete ${listResources(step.keys)}: ${step.because}`;
    case 'update-api-endpoints':
      return `update the endpoints of default/kubernetes: ${step.because}`;
    case 'update-etcd-endpoints':
      return `update the endpoints of kube-system/cke-etcd: ${step.because}`;
    case 'update-node-attributes':
      return `update attributes of ${where}: ${reasons(step.targets)}`;
    case 'install-cni-configuration':
      return `install the CNI configuration on ${where}: ${reasons(step.targets)}`;
  }
}

function listNodes(nodes: string[]): string {
  if (nodes.length <= 5) return nodes.join(', ');
  return `${nodes.slice(0, 4).join(', ')} and ${nodes.length - 4} more`;
}

function reasons(targets: Target[]): string {
  return [...new Set(targets.map(({ because }) => because))].slice(0, 3).join('; ');
}
