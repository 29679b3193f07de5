import { canonicalJson } from '../../canonical.ts';
import { cniConfiguration } from '../../components/cni.ts';
import type { Component } from '../../components/component.ts';
import { componentsOf, componentSpec } from '../../components/component-spec.ts';
import type { Declaration, NodeDeclaration } from '../../declaration/declaration.ts';
import { controlPlanes, nodeNamed } from '../../declaration/nodes.ts';
import { parseDeclaration } from '../../declaration/parse.ts';
import { attributeChanges } from '../../node-attributes/attribute-changes.ts';
import type { ContainerObservation, KubernetesNode, Observation, ObservedNode } from '../../observation.ts';
import type { Facts } from '../facts.ts';

/** For `encryption`: Secrets whose data keys Vault wraps. */
export const byVault = '{provider: kms, vault: {address: "https://10.0.0.5:8200"}}';

/** A declaration of cp-1… and worker-1…; `options` is YAML below the key of that name, `encryption` that of `secrets_encryption`. */
export function declare({ controlPlanes: masters = 3, workers = 3, options = '', encryption = '' } = {}): Declaration {
  const line = (name: string, octet: number, more = '') =>
    `  - {address: 10.0.0.${octet}, hostname: ${name}, user: cke${more}}`;
  const nodes = [
    ...Array.from({ length: masters }, (_, index) => line(`cp-${index + 1}`, 11 + index, ', control_plane: true')),
    ...Array.from({ length: workers }, (_, index) => line(`worker-${index + 1}`, 21 + index)),
  ];
  const parsed = parseDeclaration(`name: test
nodes:
${nodes.join('\n')}
service_subnet: 10.96.0.0/16
pod_subnet: 10.244.0.0/16
${options === '' ? '' : `options:\n${options}`}
${encryption === '' ? '' : `secrets_encryption: ${encryption}`}
`);
  if (parsed.outcome === 'refused') throw new Error(JSON.stringify(parsed.problems));
  return parsed.declaration;
}

const kubernetesVersion = 'v1.34.4';

/** Everything as declared, up for an hour, and seen so. */
export function converged(declaration: Declaration = declare()): Facts {
  const masters = controlPlanes(declaration);
  const memberships = Object.fromEntries(
    masters.map(({ name }) => [name, { directory: 'm-1', state: 'settled' as const }]),
  );
  const observation: Observation = {
    at: '2026-01-01T00:00:00Z',
    nodes: {},
    etcd: {
      state: 'observed',
      clusterId: '1',
      members: masters.map((node, index) => member(node, index)),
      authentication: 'enabled',
    },
    kubernetes: {
      state: 'observed',
      nodes: declaration.nodes.map((node, index) => registered(declaration, node, index)),
      apiEndpoints: { ready: masters.map(({ address }) => address), notReady: [] },
      outdatedObjects: [],
    },
    records: { etcd: { state: 'done', token: 't', memberships }, ownedAttributes: {}, cniConfigurations: {} },
  };
  declaration.nodes.forEach((node, index) => {
    observation.nodes[node.name] = observedNode(declaration, node);
    const live = { labels: {}, annotations: {}, taints: [] };
    const owned = { labels: [], annotations: [], taints: [] };
    const changes = attributeChanges({ declaration, node, live, owned });
    if (changes) observation.records.ownedAttributes[node.name] = changes.owned;
    const cni = cniConfiguration({ declaration, node, podCidr: `10.244.${index}.0/24` });
    if (cni) observation.records.cniConfigurations[node.name] = cni.text;
  });
  return { declaration, observation, setAside: [] };
}

/** Machines that nobody has touched, all of them within reach. */
export function untouched(declaration: Declaration = declare()): Facts {
  const facts = converged(declaration);
  for (const { name } of declaration.nodes)
    facts.observation.nodes[name] = {
      state: 'observed',
      containers: {},
      preflight: 'unknown',
      etcdDirectory: 'unknown',
    };
  facts.observation.etcd = { state: 'unobservable', because: 'it was never bootstrapped' };
  facts.observation.kubernetes = { state: 'unobservable', because: 'no API server answers that it is ready' };
  facts.observation.records = { etcd: { state: 'never' }, ownedAttributes: {}, cniConfigurations: {} };
  return facts;
}

/** Prepared machines, and nothing else. */
export function prepared(declaration: Declaration = declare()): Facts {
  const facts = untouched(declaration);
  for (const { name } of declaration.nodes) seen(facts, name).preflight = 'passed';
  return facts;
}

function observedNode(declaration: Declaration, node: NodeDeclaration): ObservedNode {
  const containers = componentsOf(declaration, node).map((component) => [
    component,
    running(declaration, node, component),
  ]);
  return {
    state: 'observed',
    containers: Object.fromEntries(containers),
    preflight: 'passed',
    etcdDirectory: 'unknown',
  };
}

function running(declaration: Declaration, node: NodeDeclaration, component: Component): ContainerObservation {
  const membership = { start: 'settled' as const, directory: 'm-1' };
  const spec = componentSpec({ declaration, node, component, ...(component === 'etcd' && { membership }) });
  return {
    id: `${component}@${node.name}`,
    state: 'running',
    upSeconds: 3600,
    spec: canonicalJson(spec),
    epoch: 1,
    certificates: [],
    health: { state: 'healthy' },
  };
}

function member({ name, address }: NodeDeclaration, index: number) {
  return {
    id: String(1000 + index),
    name: address,
    peerUrls: [`https://${address}:2380`],
    role: 'voter' as const,
    node: name,
    sync: 'synced' as const,
    leader: index === 0 ? ('leader' as const) : ('follower' as const),
    version: '3.6.16',
    alarms: [],
  };
}

function registered(declaration: Declaration, node: NodeDeclaration, index: number): KubernetesNode {
  const changes = attributeChanges({
    declaration,
    node,
    live: { labels: {}, annotations: {}, taints: [] },
    owned: { labels: [], annotations: [], taints: [] },
  });
  const kept = (values: Record<string, string | null> = {}) =>
    Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null));
  return {
    name: node.name,
    ready: 'true',
    readyMessage: 'kubelet is posting ready status',
    schedulable: 'yes',
    labels: kept(changes?.labels),
    annotations: kept(changes?.annotations),
    taints: changes?.taints ?? [],
    podCidr: `10.244.${index}.0/24`,
    kubeletVersion: kubernetesVersion,
  };
}

/** The node as it is seen; it must be within reach. */
export function seen({ observation }: Facts, name: string): ObservedNode {
  const node = observation.nodes[name];
  if (node?.state !== 'observed') throw new Error(`${name} is not observed`);
  return node;
}

/** What the fleet of `facts` looks like once `declaration` is declared instead. */
export function declareInstead(facts: Facts, declaration: Declaration): Facts {
  return { ...facts, declaration };
}

/** The node that is declared under this name. */
export function declared({ declaration }: Facts, name: string): NodeDeclaration {
  const node = nodeNamed(declaration, name);
  if (node === undefined) throw new Error(`${name} is not declared`);
  return node;
}
