import type { StepActivities } from '../../activities/contracts/steps.ts';
import type { departureActivities } from '../../activities/steps/departure.ts';
import type { Fence } from '../../activities/fence.ts';
import { cniConfiguration } from '../../cluster/components/cni.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { nodeNamed } from '../../cluster/declaration/nodes.ts';
import { CkeError } from '../../cluster/errors.ts';
import { attributeChanges } from '../../cluster/node-attributes/attribute-changes.ts';
import { ownedTogether } from '../../cluster/node-attributes/owned-keys.ts';
import { endpointsIn } from '../../cluster/resources/endpoint-slice.ts';
import { mayTakeApart } from './approval-properties.ts';
import type { Run } from './calls.ts';
import { servingApiServers } from './model/serving.ts';
import { hostOf, type World } from './model/world.ts';
import type { Simulation } from './simulation.ts';

type Kubernetes = Pick<
  StepActivities,
  | 'applyObjects'
  | 'applyResources'
  | 'deleteResources'
  | 'updateApiEndpoints'
  | 'updateEtcdEndpoints'
  | 'uncordonNode'
  | 'updateNodeAttributes'
  | 'installCniConfiguration'
>;

/** Writes to the Kubernetes API and to its records, in one piece each. */
export function kubernetesActivities(simulation: Simulation, { fence, run }: { fence: Fence; run: Run }): Kubernetes {
  const { world, calls } = simulation;
  const write = writer(simulation, run);
  return {
    applyObjects: async ({ keys, ...mandate }) => {
      await fence.mayAct(mandate);
      await write(`apply ${keys.length} objects`, () => {
        world.kubernetes.outdatedObjects = world.kubernetes.outdatedObjects.filter((key) => !keys.includes(key));
      });
    },
    // The model has no objects of users.
    applyResources: (mandate) => fence.mayAct(mandate),
    deleteResources: (mandate) => fence.mayAct(mandate),
    updateApiEndpoints: async (mandate) => {
      await fence.mayAct(mandate);
      await write('update the endpoints', () => {
        world.kubernetes.endpoints = endpointsIn(mandate);
      });
    },
    updateEtcdEndpoints: async (mandate) => {
      await fence.mayAct(mandate);
      await write('update the endpoints of etcd', () => {
        world.kubernetes.etcdEndpoints = endpointsIn(mandate);
      });
    },
    uncordonNode: async ({ node, ...mandate }) => {
      await fence.mayAct(mandate);
      await write(`uncordon ${node}`, () => {
        const [live, drain] = [world.kubernetes.nodes.get(node), world.records.drains?.[node]];
        if (live && drain && drain.before !== 'cordoned') live.schedulable = 'yes';
        delete world.records.drains?.[node];
      });
    },
    updateNodeAttributes: async ({ node, ...mandate }) => {
      await fence.mayAct(mandate);
      await write(`update attributes of ${node}`, () => update(world, declarationOf(world, mandate.revision), node));
    },
    installCniConfiguration: async ({ node, podCidr, ...mandate }) => {
      await fence.mayAct(mandate);
      const declaration = declarationOf(world, mandate.revision);
      const text = cniConfiguration({ declaration, node: nodeNamed(declaration, node) ?? {}, podCidr })?.text;
      const host = hostOf(world, node);
      await calls.effect({
        what: `install the CNI configuration on ${node}`,
        run,
        host,
        act: () => {
          if (text === undefined) return;
          host.cniConfiguration = text;
          world.records.cniConfigurations[node] = text;
        },
      });
    },
  };
}

type KubernetesOfDepartures = Parameters<typeof departureActivities>[0]['kubernetes'];

/** What departures ask of Kubernetes: the model has no pods, so that a cordoned node is a drained one. */
export function modelKubernetes(simulation: Simulation, run: Run): KubernetesOfDepartures {
  const { nodes } = simulation.world.kubernetes;
  const doing = () => ({ world: simulation.world, decision: run.decision });
  const write = writer(simulation, run);
  return {
    schedulability: async ({ node }) => (nodes.get(node)?.schedulable === 'no' ? 'cordoned' : 'schedulable'),
    evictPods: async ({ node }) => {
      await write(`cordon ${node}`, () => {
        mayTakeApart(doing(), node, 'pods were evicted');
        const live = nodes.get(node);
        if (live) live.schedulable = 'no';
      });
      return [];
    },
    deleteNode: ({ node }) =>
      write(`delete the Node object of ${node}`, () => {
        mayTakeApart(doing(), node, 'the Node object was deleted');
        nodes.delete(node);
      }),
  };
}

function writer({ world, calls }: Simulation, run: Run) {
  return (what: string, act: () => void) =>
    calls.effect({
      what,
      run,
      act: () => {
        if (servingApiServers(world).length === 0)
          throw new CkeError({ code: 'KubernetesUnavailable', message: 'no API server answers', remedy: 'retry' });
        act();
      },
    });
}

function declarationOf(world: World, revision: number): Declaration {
  const declaration = world.declarations[revision - 1];
  if (declaration === undefined) throw new Error(`no revision ${revision}`);
  return declaration;
}

function update(world: World, declaration: Declaration, name: string): void {
  const node = nodeNamed(declaration, name);
  const live = world.kubernetes.nodes.get(name);
  if (node === undefined || live === undefined) return;
  const owned = world.records.ownedAttributes[name] ?? { labels: [], annotations: [], taints: [] };
  const changes = attributeChanges({ declaration, node, live, owned });
  if (changes === undefined) return;
  world.records.ownedAttributes[name] = ownedTogether(owned, changes.owned);
  patch(live.labels, changes.labels);
  patch(live.annotations, changes.annotations);
  if (changes.taints) live.taints = changes.taints;
  world.records.ownedAttributes[name] = changes.owned;
}

function patch(values: Record<string, string>, changes: Record<string, string | null>): void {
  for (const [key, value] of Object.entries(changes))
    if (value === null) delete values[key];
    else values[key] = value;
}
