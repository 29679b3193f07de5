import { componentsOf, componentSpec } from './components/component-spec.ts';
import { explainDrift } from './components/drift.ts';
import { components, type Component } from './components/component.ts';
import { madeImage } from './components/made-image.ts';
import type { Declaration, NodeDeclaration } from './declaration/declaration.ts';
import { parseImageReference } from './declaration/image-reference.ts';
import type { EncryptionRecord } from './encryption/key-change.ts';
import type { ContainerObservation, KubernetesNode, Observation } from './observation.ts';
import type { DnsHealth } from './resources/built-in/dns-health.ts';
import { wantedSpec } from './decide/wanted-spec.ts';

/** An observation boiled down for people and small enough for a payload: what `status`, `nodes` and `why` print. */
export interface ClusterView {
  at: string;
  cluster: string;
  revision: number;
  nodes: NodeView[];
  /** Those that are not declared any more, and not cleaned yet; absent where there are none. */
  leaving?: NodeView[];
  etcd: EtcdView;
  kubernetes: 'observed' | { because: string };
  /** How much of cluster DNS serves; absent where Kubernetes could not be observed. */
  dns?: DnsHealth;
  /** With what Secrets are encrypted; absent where it is not on record. */
  encryption?: EncryptionRecord;
}

export interface NodeView {
  name: string;
  address: string;
  role: 'control-plane' | 'worker';
  reachable: 'yes' | { because: string };
  ready: 'true' | 'false' | 'unknown';
  kubeletVersion?: string;
  components: ComponentView[];
}

export interface ComponentView {
  component: Component;
  state: ContainerObservation['state'] | 'absent' | 'unknown';
  upSeconds: number;
  health: string;
  /** Tag of the image that it was made from. */
  version?: string;
  /** How it differs from what is declared; absent when it does not. */
  drift?: string;
  restarts?: number;
  lastLog?: string[];
}

export type EtcdView =
  | { state: 'unobservable'; because: string }
  | { state: 'observed'; members: { node: string; id: string; role: string; sync: string; leader: string }[] };

/** Pure: what people want to know of one look at a cluster. */
export function viewCluster(input: {
  declaration: Declaration;
  revision: number;
  observation: Observation;
}): ClusterView {
  const { declaration, revision, observation } = input;
  const { kubernetes, departing = {} } = observation;
  const leaving = Object.values(departing).map(({ node, seen }) => viewLeaving({ node, seen, observation }));
  return {
    at: observation.at,
    cluster: declaration.name,
    revision,
    nodes: declaration.nodes.map((node) => viewNode({ declaration, node, observation })),
    ...(leaving.length > 0 && { leaving }),
    etcd: viewEtcd(observation),
    kubernetes: kubernetes.state === 'observed' ? 'observed' : { because: kubernetes.because },
    ...(kubernetes.state === 'observed' && kubernetes.dns && { dns: kubernetes.dns }),
    ...(observation.records.encryption && { encryption: observation.records.encryption }),
  };
}

interface NodeInput {
  declaration: Declaration;
  node: NodeDeclaration;
  observation: Observation;
}

function viewNode({ declaration, node, observation }: NodeInput): NodeView {
  const seen = observation.nodes[node.name];
  const declared = componentsOf(declaration, node);
  return {
    ...viewMachine({ node, seen, observation }),
    components: [...declared, ...leftOn(seen, declared)].map((component) => {
      if (seen?.state !== 'observed') return { component, state: 'unknown', upSeconds: 0, health: 'unknown' };
      const container = seen.containers[component];
      if (container === undefined) return { component, state: 'absent', upSeconds: 0, health: 'absent' };
      const wanted = declared.includes(component)
        ? wantedSpec({ declaration, observation, node }, component)
        : undefined;
      const drift = wanted && explainDrift(componentSpec(wanted), container.spec);
      return viewContainer(component, container, drift);
    }),
  };
}

/** What a node ran before it became something else: it counts until it is taken away. */
function leftOn(seen: Observation['nodes'][string] | undefined, declared: Component[]): Component[] {
  if (seen?.state !== 'observed') return [];
  return components.filter((one) => !declared.includes(one) && seen.containers[one]?.spec !== undefined);
}

interface Machine {
  node: NodeDeclaration;
  seen: Observation['nodes'][string] | undefined;
  observation: Observation;
}

/** What stands on a node that is to be cleaned: nothing is wanted there, so that nothing differs. */
function viewLeaving({ node, seen, observation }: Machine): NodeView {
  const standing = seen?.state === 'observed' ? components.map((one) => [one, seen.containers[one]] as const) : [];
  return {
    ...viewMachine({ node, seen, observation }),
    components: standing.flatMap(([component, container]) =>
      container === undefined ? [] : [viewContainer(component, container, undefined)],
    ),
  };
}

function viewMachine({ node, seen, observation }: Machine): Omit<NodeView, 'components'> {
  const registered = kubernetesNode(observation, node.name);
  return {
    name: node.name,
    address: node.address,
    role: node.control_plane ? 'control-plane' : 'worker',
    reachable: seen?.state === 'observed' ? 'yes' : { because: seen?.because ?? 'it was not looked at' },
    ready: registered?.ready ?? 'unknown',
    ...(registered && { kubeletVersion: registered.kubeletVersion }),
  };
}

function viewContainer(
  component: Component,
  container: ContainerObservation,
  drift: string | undefined,
): ComponentView {
  const tag = parseImageReference(madeImage(container.spec) ?? '')?.tag;
  return {
    component,
    state: container.state,
    upSeconds: container.upSeconds,
    health: container.health.state === 'healthy' ? 'healthy' : `${container.health.state}: ${container.health.because}`,
    ...(tag !== undefined && { version: tag }),
    ...(drift !== undefined && { drift }),
    ...(container.restarts !== undefined && { restarts: container.restarts }),
    ...(container.lastLog && { lastLog: container.lastLog }),
  };
}

function viewEtcd({ etcd }: Observation): EtcdView {
  if (etcd.state === 'unobservable') return etcd;
  return {
    state: 'observed',
    members: etcd.members.map(({ id, node, name, role, sync, leader }) => ({
      node: node ?? (name || 'not started'),
      id,
      role,
      sync,
      leader,
    })),
  };
}

/** The Node object of a declared node, when Kubernetes could be observed. */
export function kubernetesNode({ kubernetes }: Observation, name: string): KubernetesNode | undefined {
  return kubernetes.state === 'observed' ? kubernetes.nodes.find((node) => node.name === name) : undefined;
}
