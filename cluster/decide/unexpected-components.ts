import { runs } from '../components/component-spec.ts';
import { components, type Component } from '../components/component.ts';
import type { NodeDeclaration } from '../declaration/declaration.ts';
import type { Step } from '../steps/step.ts';
import { apiServerPlacements } from './api-servers.ts';
import { isPluginInUse } from './kms-plugins.ts';
import { missingControlPlanes, nothing, usableNode, type Facts, type PhaseRule } from './facts.ts';
import { isHealthy } from './placement.ts';

/**
 * Containers of ours that a node should not run (kube-proxy after it was disabled, a control plane on a worker). etcd is not
 * among them: its members come and go by other rules.
 */
export const unexpectedComponents: PhaseRule = (facts) => ({
  ...nothing,
  steps: [...ofDeclared(facts), ...ofLeaving(facts)],
});

function ofDeclared(facts: Facts): Step[] {
  return components.flatMap((component): Step[] => {
    if (component === 'etcd') return [];
    const nodes = facts.declaration.nodes.filter((node) => isUnexpected(facts, node, component));
    if (nodes.length === 0) return [];
    const targets = (component === 'kube-apiserver' ? nodes.slice(0, 1) : nodes).map(({ name }) => {
      const id = usableNode(facts, name)?.containers[component]?.id;
      return { node: name, because: `${name} is not to run it`, ...(id !== undefined && { containerId: id }) };
    });
    return [{ kind: 'stop-component', component, targets, disruption: 'restart' }];
  });
}

const servers = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/**
 * The servers of a control plane that has left: nobody needs them any more once the declared ones serve, while its etcd member may have
 * to wait for its turn. What else runs there goes with the node.
 */
function ofLeaving(facts: Facts): Step[] {
  const leaving = Object.values(facts.observation.departing ?? {}).flatMap(({ node, seen }) =>
    seen.state === 'observed' && servers.some((component) => seen.containers[component]) && mayGo(facts, node)
      ? [{ node: node.name, containers: seen.containers }]
      : [],
  );
  return servers.flatMap((component): Step[] => {
    const targets = leaving.flatMap(({ node, containers }) => {
      const container = containers[component];
      if (container?.spec === undefined) return [];
      return [{ node, because: 'it has left the declaration', containerId: container.id }];
    });
    return targets.length === 0 ? [] : [{ kind: 'stop-component', component, targets, disruption: 'none' }];
  });
}

/** Only what bears our label is ours to remove. */
function isUnexpected(facts: Facts, node: NodeDeclaration, component: Component): boolean {
  const seen = usableNode(facts, node.name);
  if (seen?.containers[component]?.spec === undefined) return false;
  if (runs(facts.declaration, node, component)) return false;
  if (component === 'vault-kms') return !isPluginInUse(facts, node);
  if (component === 'kube-apiserver') return mayGo(facts, node);
  return component !== 'etcd-rivers' || seen.containers['kube-apiserver'] === undefined;
}

/** A-01 for an API server that goes for good: the declared ones all serve, and nobody is sent to this one any more. */
function mayGo(facts: Facts, { address }: NodeDeclaration): boolean {
  const { kubernetes } = facts.observation;
  if (kubernetes.state !== 'observed' || missingControlPlanes(facts).length > 0) return false;
  const { ready, notReady } = kubernetes.apiEndpoints;
  if (ready.includes(address) || notReady.includes(address)) return false;
  return apiServerPlacements(facts).every(isHealthy);
}
