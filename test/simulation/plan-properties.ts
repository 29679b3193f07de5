import { componentsOf } from '../../cluster/components/component-spec.ts';
import { controlPlaneNames } from '../../cluster/declaration/nodes.ts';
import { wantedSpec } from '../../cluster/decide/wanted-spec.ts';
import type { Observation } from '../../cluster/observation.ts';
import { nodesOf } from '../../cluster/steps/describe-step.ts';
import type { Plan } from '../../cluster/plan.ts';
import type { Step } from '../../cluster/steps/step.ts';
import { lostMembers } from './faults.ts';
import type { Memory } from './memory.ts';
import { specOf } from './model/engine.ts';
import { voters } from './model/etcd.ts';
import { badFlag } from './model/fleet.ts';
import { serves } from './model/serving.ts';
import { hostOf, isReachable, latest, violate, type ModelContainer, type World } from './model/world.ts';

interface Judged {
  world: World;
  memory: Memory;
  plan: Plan;
  observation: Observation;
}

/** What must hold for every plan, whatever becomes of it. */
export function checkPlan({ world, memory, plan, observation }: Judged): void {
  for (const step of plan.steps) {
    const unseen = nodesOf(step).filter(
      (name) => (observation.nodes[name] ?? observation.departing?.[name]?.seen)?.state !== 'observed',
    );
    if (unseen.length > 0 && !needsNoNode.includes(step.kind))
      violate(world, 'P10', `${step.kind} is planned on ${unseen.join(', ')}, which could not be observed`);
    if (step.disruption === 'restart') restartsOnlyWhatServes(world, step, observation);
  }
  const takers = plan.steps.filter(takesAway);
  if (takers.length > 1)
    violate(world, 'E-06', `${takers.map(({ kind }) => kind).join(' and ')} are planned for the same round`);
  const isDone = plan.steps.length + plan.blockers.length + plan.waits.length + (plan.pending ?? []).length === 0;
  const lack = isDone ? whyNotConverged(world, memory) : undefined;
  if (lack !== undefined) violate(world, 'converged', `the plan says that nothing is to be done, and ${lack}`);
}

/** What is done through Kubernetes or etcd, whatever can be seen of the host. */
const needsNoNode: Step['kind'][] = [
  'update-node-attributes',
  'delete-node-object',
  'drain-node',
  'remove-etcd-member',
];

const takesAway = (step: Step): boolean =>
  step.disruption !== 'none' &&
  (step.kind === 'restart-etcd-member' || (step.kind === 'run-component' && step.component === 'kube-apiserver'));

/** P10, A-01: what is disturbed was seen serving, and an API server's peers were, too. */
function restartsOnlyWhatServes(world: World, step: Step, observation: Observation): void {
  if (step.kind !== 'run-component') return;
  const healthy = (name: string) => {
    const seen = observation.nodes[name];
    return seen?.state === 'observed' && seen.containers[step.component]?.health.state === 'healthy';
  };
  const unknown = nodesOf(step).filter((name) => !healthy(name));
  if (unknown.length > 0)
    violate(
      world,
      'P10',
      `${step.component} on ${unknown.join(', ')} is to be replaced as if it served, and was not seen serving`,
    );
  if (step.component !== 'kube-apiserver') return;
  const peers = latest(world).nodes.filter(
    ({ control_plane, name }) => control_plane && !nodesOf(step).includes(name) && !world.leftOut.has(name),
  );
  const sick = peers.filter(({ name }) => !healthy(name));
  if (sick.length > 0)
    violate(
      world,
      'A-01',
      `an API server is to be replaced while the one on ${sick.map(({ name }) => name).join(', ')} was not seen serving`,
    );
}

/** What still differs from the declaration in truth; undefined when nothing does. */
export function whyNotConverged(world: World, memory: Memory): string | undefined {
  const declaration = latest(world);
  for (const node of declaration.nodes) {
    const host = hostOf(world, node.name);
    if (!isReachable(host)) return `${node.name} can't be reached`;
    for (const component of componentsOf(declaration, node)) {
      const wanted = wantedSpec({ declaration, observation: world, node }, component);
      if (wanted === undefined) return `${component} on ${node.name} has no membership`;
      if (host.containers.get(component)?.spec !== memory.textOf(wanted))
        return `${component} on ${node.name} has not the wanted spec`;
      if (!serves(world, host, component)) return `${component} on ${node.name} does not serve`;
    }
    const registered = world.kubernetes.nodes.get(node.name);
    if (registered === undefined) return `${node.name} is not registered`;
    if (registered.ready !== 'true') return `${node.name} is not Ready`;
    if (Object.entries(node.labels).some(([key, value]) => registered.labels[key] !== value))
      return `${node.name} lacks a label`;
  }
  const missing = declaration.nodes.filter(
    ({ control_plane, address }) => control_plane && !world.kubernetes.endpoints.ready.includes(address),
  );
  if (missing.length > 0) return `the endpoints lack ${missing.map(({ name }) => name).join(', ')}`;
  const unlisted = voters(world).filter(
    ({ node }) => !world.kubernetes.etcdEndpoints.ready.includes(addressOf(world, node)),
  );
  if (unlisted.length > 0) return `the endpoints of etcd lack ${unlisted.map(({ node }) => node).join(', ')}`;
  if (world.etcd.authentication !== 'enabled') return 'etcd has no authentication';
  return whyMembersDiffer(world);
}

/** What differs although it has to do with no version and no member: rivers, labels, and that what is there serves. */
export function whyRestDiffers(world: World, memory: Memory): string | undefined {
  const declaration = latest(world);
  for (const node of declaration.nodes) {
    const host = hostOf(world, node.name);
    if (host.containers.get('rivers')?.spec !== memory.textOf({ declaration, node, component: 'rivers' }))
      return `rivers on ${node.name} has not the wanted spec`;
    const lost = lostMembers(world).includes(node.name);
    const sick = [...host.containers].find(
      ([component, container]) =>
        !(lost && component === 'etcd') && !serves(world, host, component) && !isRefusingFlag(world, container),
    )?.[0];
    if (sick !== undefined) return `${sick} on ${node.name} does not serve`;
    const labels = world.kubernetes.nodes.get(node.name)?.labels;
    if (labels && Object.entries(node.labels).some(([key, value]) => labels[key] !== value))
      return `${node.name} lacks a label`;
  }
  return undefined;
}

/** What crashes by its own spec is cured by another one, which may have come with the version that was rejected. */
const isRefusingFlag = (world: World, container: ModelContainer): boolean =>
  specOf(world, container).container.command.includes(badFlag);

const addressOf = (world: World, node: string): string => hostOf(world, node).address;

function whyMembersDiffer(world: World): string | undefined {
  const wanted = controlPlaneNames(latest(world));
  const votes = voters(world).map(({ node }) => node);
  if (votes.length !== world.etcd.members.length) return 'there is a learner still';
  if (wanted.toSorted().join() === votes.toSorted().join()) return undefined;
  return `${votes.join(', ')} vote, and ${wanted.join(', ')} are declared`;
}

/** A node that has left and can be reached runs nothing of ours. */
export function whyNodesRemain(world: World): string | undefined {
  const declared = latest(world).nodes.map(({ name }) => name);
  const left = [...world.hosts.values()].find(
    (host) => !declared.includes(host.name) && isReachable(host) && host.containers.size > 0,
  );
  return left && `${left.name} has left, and ${[...left.containers.keys()].join(', ')} run there still`;
}
