import type { Component } from '../../cluster/components/component.ts';
import { decide } from '../../cluster/decide/decide.ts';
import type { Facts } from '../../cluster/decide/facts.ts';
import type { EtcdObservation, Health, NodeObservation, Observation } from '../../cluster/observation.ts';
import type { ContainerTarget, Plan, RunComponent, Step } from '../../cluster/plan.ts';
import type { Mutant } from './simulation.ts';

type Decider = (facts: Facts) => Plan;

/** decide() with one of its guards taken away; undefined where the guard stands elsewhere. */
export function mutantDecider(mutant: Mutant): Decider | undefined {
  switch (mutant) {
    case 'no W-05':
      return (facts) => decide({ ...facts, observation: directoriesIntact(facts.observation) });
    case 'unknown is healthy':
      return (facts) => decide({ ...facts, observation: mapNodes(facts.observation, healthyUnlessKnown) });
    case 'all API servers at once':
      return (facts) => widened(facts, decide(facts), (step) => step.component === 'kube-apiserver');
    case 'no canary':
      return (facts) => widened(facts, decide(facts), (step) => step.component !== 'kube-apiserver');
    case 'no quorum check':
      return (facts) =>
        decide({ ...facts, observation: { ...facts.observation, etcd: allSynced(facts.observation.etcd) } });
    case 'no fence':
      return undefined;
  }
}

function mapNodes(observation: Observation, map: (node: NodeObservation) => NodeObservation): Observation {
  const nodes = Object.entries(observation.nodes).map(([name, node]) => [name, map(node)]);
  return { ...observation, nodes: Object.fromEntries(nodes) };
}

function directoriesIntact(observation: Observation): Observation {
  if (observation.records.etcd.state !== 'done') return observation;
  return mapNodes(observation, (node) => (node.state === 'observed' ? { ...node, etcdDirectory: 'intact' } : node));
}

const healthy: Health = { state: 'healthy' };

function healthyUnlessKnown(node: NodeObservation): NodeObservation {
  if (node.state !== 'observed') return node;
  const containers = Object.entries(node.containers).map(([component, container]) => [
    component,
    container.health.state === 'unknown' ? { ...container, health: healthy } : container,
  ]);
  return { ...node, containers: Object.fromEntries(containers) };
}

/** Every member is called in sync, whatever is known of it. */
export function allSynced(etcd: EtcdObservation): EtcdObservation {
  if (etcd.state === 'unobservable') return etcd;
  return { ...etcd, members: etcd.members.map((member) => ({ ...member, sync: 'synced' as const })) };
}

/** Where one running container is to be replaced, all others with another spec are, too. */
function widened(facts: Facts, plan: Plan, applies: (step: RunComponent) => boolean): Plan {
  const widen = (step: Step): Step => {
    if (step.kind !== 'run-component' || step.disruption !== 'restart' || !applies(step)) return step;
    const known = step.targets.map(({ node }) => node);
    return {
      ...step,
      targets: [...step.targets, ...outdated(facts, step.component).filter(({ node }) => !known.includes(node))],
    };
  };
  return { ...plan, steps: plan.steps.map(widen) };
}

function outdated({ declaration, observation, compare }: Facts, component: Component): ContainerTarget[] {
  return declaration.nodes.flatMap((node) => {
    const seen = observation.nodes[node.name];
    const container = seen?.state === 'observed' ? seen.containers[component] : undefined;
    const because = container && compare?.({ declaration, node, component }, container.spec);
    return container === undefined || because === undefined
      ? []
      : [{ node: node.name, because, containerId: container.id }];
  });
}
