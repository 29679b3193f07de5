import { builtInObjects } from '../resources/built-in/built-in-objects.ts';
import { endpointsIn } from '../resources/endpoint-slice.ts';
import { objectKey } from '../resources/kubernetes-object.ts';
import { cniConfiguration } from '../components/cni.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { nodeNamed } from '../declaration/nodes.ts';
import { attributeChanges } from '../node-attributes/attribute-changes.ts';
import type { KubernetesNode, Observation } from '../observation.ts';
import type { Step } from '../steps/step.ts';
import type { Target } from '../steps/base.ts';
import { kubernetesNode } from '../view.ts';
import { withoutContainer, withContainer, withNode } from './predicted-nodes.ts';
import {
  addedMember,
  bornEtcd,
  promotedMember,
  removedMember,
  retiredMember,
  settledMember,
} from './predicted-etcd.ts';

/** What a step that succeeds leaves behind, as the next look would see it; it changes nothing of what it is given. */
export interface Predicting {
  declaration: Declaration;
  observation: Observation;
}

/** The observation after a step that succeeds. Pure; what could not be seen before stays as it was. */
export function predict(step: Step, { declaration, observation }: Predicting): Observation {
  const after = (targets: Target[], effect: (seen: Predicting, node: string) => Observation) =>
    targets.reduce((seen, { node }) => effect({ declaration, observation: seen }, node), observation);
  switch (step.kind) {
    case 'prepare-nodes':
      return after(step.targets, prepared);
    case 'run-component':
    case 'start-component':
      return after(step.targets, (seen, node) => {
        const started = withContainer(seen, node, step.component);
        return serving({ declaration, observation: started }, node, step.component);
      });
    case 'renew-certificates':
      return after(step.targets, (seen, node) => withContainer(seen, node, step.component));
    case 'stop-component':
      return after(step.targets, (seen, node) => withoutContainer(seen, node, step.component));
    case 'bootstrap-etcd':
      return bornEtcd({ declaration, observation });
    case 'enable-etcd-authentication':
      return observation.etcd.state === 'observed'
        ? { ...observation, etcd: { ...observation.etcd, authentication: 'enabled' } }
        : observation;
    case 'restart-etcd-member':
      return withContainer({ declaration, observation }, step.target.node, 'etcd');
    case 'add-etcd-member':
      return addedMember({ declaration, observation }, step.target.node);
    case 'settle-etcd-member':
      return settledMember({ declaration, observation }, step.target.node);
    case 'promote-etcd-member':
      return promotedMember(observation, step.memberId);
    case 'remove-etcd-member':
      return removedMember(observation, step.memberId, step.target.node);
    case 'retire-etcd-member':
      return retiredMember({ declaration, observation }, step.target.node);
    case 'drain-node':
      return after(step.targets, drained);
    case 'uncordon-node':
      return after(step.targets, uncordoned);
    case 'remove-node':
      return after(step.targets, (seen, node) => forgotten(withoutNodeObject(seen, node), node));
    case 'delete-node-object':
      return after(step.targets, withoutNodeObject);
    case 'apply-objects':
      return inKubernetes(observation, { outdatedObjects: [] });
    case 'apply-resources':
    case 'delete-resources':
      return inKubernetes(observation, settledResources(observation));
    case 'update-api-endpoints':
      return inKubernetes(observation, { apiEndpoints: endpointsIn(step) });
    case 'update-etcd-endpoints':
      return inKubernetes(observation, { etcdEndpoints: endpointsIn(step) });
    case 'update-node-attributes':
      return after(step.targets, attributed);
    case 'install-cni-configuration':
      return after(step.targets, networked);
  }
}

function prepared({ observation }: Predicting, name: string): Observation {
  return withNode(observation, name, (node) => ({ ...node, preflight: 'passed' }));
}

/** The first API server makes Kubernetes observable; a kubelet registers its node. */
function serving({ declaration, observation }: Predicting, name: string, component: string): Observation {
  const { kubernetes } = observation;
  if (component === 'kube-apiserver' && kubernetes.state === 'unobservable') {
    const wanted = builtInObjects({ declaration, upstreams: declaration.dns_servers });
    const outdatedObjects = wanted.map((object) => ({ key: objectKey(object), because: 'it is missing' }));
    const none = { ready: [], notReady: [] };
    const endpoints = { apiEndpoints: none, etcdEndpoints: none };
    return { ...observation, kubernetes: { state: 'observed', nodes: [], ...endpoints, outdatedObjects } };
  }
  if (component !== 'kubelet' || kubernetes.state !== 'observed') return observation;
  const known = kubernetesNode(observation, name) ?? registered(name);
  const nodes = [...kubernetes.nodes.filter((node) => node.name !== name), { ...known, ready: 'true' as const }];
  return inKubernetes(observation, { nodes });
}

const registered = (name: string): KubernetesNode => ({
  name,
  ready: 'true',
  readyMessage: '',
  schedulable: 'yes',
  labels: {},
  annotations: {},
  taints: [],
  podCidr: '(assigned when it registers)',
  kubeletVersion: '',
});

function attributed({ declaration, observation }: Predicting, name: string): Observation {
  const node = nodeNamed(declaration, name);
  const live = kubernetesNode(observation, name);
  if (node === undefined || live === undefined || observation.kubernetes.state !== 'observed') return observation;
  const { records, kubernetes } = observation;
  const owned = records.ownedAttributes[name] ?? { labels: [], annotations: [], taints: [] };
  const changes = attributeChanges({ declaration, node, live, owned });
  if (changes === undefined) return observation;
  const changed: KubernetesNode = {
    ...live,
    labels: changedMap(live.labels, changes.labels),
    annotations: changedMap(live.annotations, changes.annotations),
    taints: changes.taints ?? live.taints,
  };
  return {
    ...observation,
    kubernetes: { ...kubernetes, nodes: kubernetes.nodes.map((one) => (one.name === name ? changed : one)) },
    records: { ...records, ownedAttributes: { ...records.ownedAttributes, [name]: changes.owned } },
  };
}

function changedMap(live: Record<string, string>, changes: Record<string, string | null>): Record<string, string> {
  const entries = Object.entries({ ...live, ...changes });
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])));
}

function networked({ declaration, observation }: Predicting, name: string): Observation {
  const node = nodeNamed(declaration, name);
  const podCidr = kubernetesNode(observation, name)?.podCidr;
  const wanted = node && cniConfiguration({ declaration, node, podCidr });
  if (wanted === undefined) return observation;
  const { records } = observation;
  const cniConfigurations = { ...records.cniConfigurations, [name]: wanted.text };
  return { ...observation, records: { ...records, cniConfigurations } };
}

/** All pods go at the first asking: what holds one up is seen when it is tried. */
function drained({ observation }: Predicting, name: string): Observation {
  const { kubernetes, records, at } = observation;
  if (kubernetes.state !== 'observed') return observation;
  const nodes = kubernetes.nodes.map((one) => (one.name === name ? { ...one, schedulable: 'no' as const } : one));
  const drains = { ...records.drains, [name]: { since: at, at, refused: [] } };
  const podsToEvict = { ...kubernetes.podsToEvict, [name]: [] };
  return { ...observation, records: { ...records, drains }, kubernetes: { ...kubernetes, nodes, podsToEvict } };
}

function uncordoned({ observation }: Predicting, name: string): Observation {
  const { kubernetes, records } = observation;
  if (kubernetes.state !== 'observed') return observation;
  const { [name]: drain, ...drains } = records.drains ?? {};
  const schedulable = drain?.before === 'cordoned' ? ('no' as const) : ('yes' as const);
  const nodes = kubernetes.nodes.map((one) => (one.name === name ? { ...one, schedulable } : one));
  return { ...observation, records: { ...records, drains }, kubernetes: { ...kubernetes, nodes } };
}

function withoutNodeObject({ observation }: Predicting, name: string): Observation {
  const { kubernetes } = observation;
  if (kubernetes.state !== 'observed') return observation;
  return inKubernetes(observation, { nodes: kubernetes.nodes.filter((one) => one.name !== name) });
}

function forgotten(observation: Observation, name: string): Observation {
  const { [name]: _gone, ...departing } = observation.departing ?? {};
  return { ...observation, departing };
}

type SeenKubernetes = Extract<Observation['kubernetes'], { state: 'observed' }>;

function settledResources({ kubernetes }: Observation): Partial<SeenKubernetes> {
  if (kubernetes.state !== 'observed' || kubernetes.resources === undefined) return {};
  return { resources: { ...kubernetes.resources, outdated: [], unwanted: [], refused: [] } };
}

function inKubernetes(observation: Observation, change: Partial<SeenKubernetes>): Observation {
  const { kubernetes } = observation;
  return kubernetes.state === 'observed' ? { ...observation, kubernetes: { ...kubernetes, ...change } } : observation;
}
