import { controlPlanes } from '../../cluster/declaration/nodes.ts';
import type { Component } from '../../cluster/components/component.ts';
import { etcdNodes } from '../../cluster/decide/etcd-nodes.ts';
import { departedNodes } from '../../cluster/declaration/enrolled.ts';
import type { Declaration, NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import type {
  ClusterRecords,
  EtcdObservation,
  Health,
  KubernetesObservation,
  Observation,
} from '../../cluster/observation.ts';
import { knownMembersOf } from '../etcd/observe.ts';
import type { OwnCredentials } from '../credentials.ts';
import { mapLanes } from '../lanes.ts';
import type { ListedContainer } from '../node/docker.ts';
import { probeComponent } from '../probe.ts';
import { nodeTarget } from '../node/target.ts';
import type { ObservePorts } from './ports.ts';
import { observeResources } from './observe-resources.ts';
import { observeNode } from './observe-node.ts';

/** Nodes looked at at the same time. */
const lanes = 100;

/** A component that has been up for so long and was healthy then is taken at the engine's and the kubelet's word. */
const provenSeconds = 60;

export interface LookOptions {
  /** Whether files on the nodes are compared with what was installed when it is time for it: only by who may act on it. */
  files?: 'as checked last' | 'check when due';
}

/**
 * One look at a cluster: the nodes side by side, etcd member by member, the API servers, and Kubernetes. Three-valued, and never
 * throws for a sick cluster; throws CkeError only when the manager's own servers (management etcd, Vault) don't answer.
 */
export async function observeCluster(
  ports: ObservePorts,
  declaration: Declaration,
  { files = 'as checked last' }: LookOptions = {},
): Promise<Observation> {
  const at = new Date().toISOString();
  const records = await ports.store.records.all(declaration.name);
  const etcd = observeEtcdOf(ports, declaration, records);
  const servers = apiServerProbes(ports, declaration);
  const departed = departedNodes(declaration, records.nodes);
  const podsOn = [...new Set([...departed.map(({ name }) => name), ...Object.keys(records.drains ?? {})])];
  const kubernetes = observeKubernetesOf({ ports, declaration, servers, podsOn, at });
  const health = healthSource({ ports, declaration, etcd, servers });
  const look = async (node: NodeDeclaration) => {
    const seen = await observeNode({
      declaration,
      node,
      records,
      docker: ports.nodes.docker(nodeTarget(declaration, node)),
      files: () => ports.nodes.files(declaration, node),
      fileCheck: files,
      authorityBundle: (authority) => ports.vault.authorityBundle({ cluster: declaration.name, authority }),
      health: (component, container) => health(node, component, container),
    });
    return [node.name, { node, seen }] as const;
  };
  // All at once: a rejection that nobody awaits yet would end the process, when Vault is sealed for example.
  const [nodes, departing, seenEtcd, seenKubernetes] = await Promise.all([
    mapLanes(declaration.nodes, lanes, look),
    mapLanes(departed, lanes, look),
    etcd,
    kubernetes,
  ]);
  return {
    at,
    nodes: Object.fromEntries(nodes.map(([name, { seen }]) => [name, seen])),
    etcd: seenEtcd,
    kubernetes: seenKubernetes,
    records,
    ...(departing.length > 0 && { departing: Object.fromEntries(departing) }),
  };
}

async function observeEtcdOf(
  ports: ObservePorts,
  declaration: Declaration,
  records: ClusterRecords,
): Promise<EtcdObservation> {
  if (records.etcd.state === 'never') return { state: 'unobservable', because: 'it was never bootstrapped' };
  return ports.etcd.observe({
    cluster: declaration.name,
    nodes: etcdNodes(declaration, records),
    credentials: await ports.credentials.etcd(declaration),
    knownMembers: knownMembersOf(records.etcd),
  });
}

type ServerProbes = Map<string, Promise<Health>>;

function apiServerProbes(ports: ObservePorts, declaration: Declaration): ServerProbes {
  const probe = async ({ address }: NodeDeclaration): Promise<Health> => {
    const credentials = await ports.credentials.kubernetes(declaration);
    return ports.kubernetes.probe({ cluster: declaration.name, address, credentials });
  };
  const probes: ServerProbes = new Map(controlPlanes(declaration).map((node) => [node.name, probe(node)]));
  // They are awaited one after the other: whoever awaits one hears of its rejection, the process does not.
  for (const answer of probes.values()) answer.catch(() => undefined);
  return probes;
}

interface KubernetesInput {
  ports: ObservePorts;
  declaration: Declaration;
  servers: ServerProbes;
  /** Names of nodes whose pods are listed. */
  podsOn: string[];
  /** When the look began, RFC 3339. */
  at: string;
}

async function observeKubernetesOf({
  ports,
  declaration,
  servers,
  podsOn,
  at,
}: KubernetesInput): Promise<KubernetesObservation> {
  const healthy: string[] = [];
  for (const { name, address } of controlPlanes(declaration))
    if ((await servers.get(name))?.state === 'healthy') healthy.push(address);
  if (healthy.length === 0) return { state: 'unobservable', because: 'no API server answers that it is ready' };
  const credentials = await ports.credentials.kubernetes(declaration);
  const asked = { cluster: declaration.name, addresses: healthy, credentials };
  const [seen, resources] = await Promise.all([
    ports.kubernetes.observe({ declaration, podsOn, addresses: healthy, credentials }),
    observeResources({ ports, declaration, servers: asked, at }),
  ]);
  return seen.state === 'observed' && resources ? { ...seen, resources } : seen;
}

interface HealthInput {
  ports: { credentials: OwnCredentials };
  declaration: Declaration;
  etcd: Promise<EtcdObservation>;
  servers: ServerProbes;
}

function healthSource({ ports, declaration, etcd, servers }: HealthInput) {
  return async (node: NodeDeclaration, component: Component, container: ListedContainer): Promise<Health> => {
    if (component === 'etcd') return healthOfMember(await etcd, node);
    if (component === 'kube-apiserver') return (await servers.get(node.name)) ?? notAControlPlane;
    if (container.upSeconds >= provenSeconds) return { state: 'healthy' };
    const { ca } = await ports.credentials.kubernetes(declaration);
    return probeComponent({ component, address: node.address, ca });
  };
}

const notAControlPlane: Health = { state: 'unknown', because: 'the node is no control plane' };

function healthOfMember(etcd: EtcdObservation, { name }: NodeDeclaration): Health {
  if (etcd.state === 'unobservable') return { state: 'unknown', because: etcd.because };
  const member = etcd.members.find(({ node }) => node === name);
  if (member === undefined) return { state: 'unhealthy', because: 'it is not in the member list' };
  if (member.sync === 'synced') return { state: 'healthy' };
  return { state: member.sync === 'unknown' ? 'unknown' : 'unhealthy', because: member.because ?? 'it is not in sync' };
}
