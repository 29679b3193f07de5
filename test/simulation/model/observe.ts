import type { Component } from '../../../cluster/components/component.ts';
import { memoByIdentity } from '../../../cluster/memo.ts';
import { peerUrl } from '../../../cluster/components/etcd.ts';
import { etcdNodes } from '../../../cluster/decide/etcd-nodes.ts';
import { departedNode } from '../../../cluster/declaration/enrolled.ts';
import type {
  ContainerObservation,
  EtcdMember,
  EtcdObservation,
  KubernetesObservation,
  NodeObservation,
  Observation,
} from '../../../cluster/observation.ts';
import { readLabels } from '../../../activities/labels.ts';
import { diskOf, isSynced, memberDisk } from './etcd.ts';
import { healthOf, servingApiServers } from './serving.ts';
import { sayVersion, versionOf } from './versions.ts';
import { hostOf, isReachable, latest, type Host, type ModelContainer, type ModelMember, type World } from './world.ts';

/** What one look can't see this time, beside what is really out of reach. */
export type Blur =
  | { kind: 'node'; node: string }
  | { kind: 'health'; node: string; component: Component }
  | { kind: 'etcd' }
  | { kind: 'member'; node: string }
  | { kind: 'kubernetes' };

/** One look at the fleet, as an honest observer returns it. It is judged at once, so that nothing of it is copied. */
export function observe(world: World, blurs: Blur[] = []): Observation {
  const isBlurred = (kind: Blur['kind'], node?: string) =>
    blurs.some((blur) => blur.kind === kind && (node === undefined || ('node' in blur && blur.node === node)));
  const nodes = latest(world).nodes.map(({ name }) => {
    const hidden = blurs.flatMap((blur) => (blur.kind === 'health' && blur.node === name ? [blur.component] : []));
    return [
      name,
      isBlurred('node', name) ? unreachable(name) : observeHost(world, hostOf(world, name), hidden),
    ] as const;
  });
  return {
    at: new Date(world.now * 1000).toISOString(),
    nodes: Object.fromEntries(nodes),
    etcd: isBlurred('etcd')
      ? { state: 'unobservable', because: 'the look timed out' }
      : observeEtcd(world, (name) => isBlurred('member', name)),
    kubernetes: isBlurred('kubernetes')
      ? { state: 'unobservable', because: 'the look timed out' }
      : observeKubernetes(world),
    records: world.records,
    ...observeDeparting(world, (name) => isBlurred('node', name)),
  };
}

/** Nodes on record that are not declared any more. */
function observeDeparting(world: World, isBlurred: (name: string) => boolean): Pick<Observation, 'departing'> {
  const declared = new Set(latest(world).nodes.map(({ name }) => name));
  const gone = Object.entries(world.records.nodes ?? {}).filter(([name]) => !declared.has(name));
  if (gone.length === 0) return {};
  const seen = gone.map(([name, known]) => {
    const look = isBlurred(name) ? unreachable(name) : observeHost(world, hostOf(world, name), []);
    return [name, { node: departedNode(name, known), seen: look }] as const;
  });
  return { departing: Object.fromEntries(seen) };
}

const unreachable = (name: string): NodeObservation => ({
  state: 'unreachable',
  code: 'NodeUnreachable',
  because: `${name} does not answer`,
});

function observeHost(world: World, host: Host, hidden: Component[]): NodeObservation {
  if (!isReachable(host)) return unreachable(host.name);
  const containers: Partial<Record<Component, ContainerObservation>> = {};
  for (const container of host.containers.values()) {
    const { component, state } = container;
    const seen = observeContainer(world, host, container);
    if (hidden.includes(component) && state === 'running')
      seen.health = { state: 'unknown', because: 'the probe timed out' };
    containers[component] = seen;
  }
  const runs = host.containers.get('etcd')?.state === 'running';
  return {
    state: 'observed',
    containers,
    preflight: host.prepared === 'yes' ? 'passed' : 'unknown',
    etcdDirectory:
      runs || host.prepared === 'no' || world.records.etcd.state === 'never' ? 'unknown' : directoryState(world, host),
  };
}

export function directoryState(world: World, host: Host): 'absent' | 'empty' | 'intact' {
  const disk = diskOf(world, host);
  if (disk === undefined) return 'absent';
  return disk.content === 'empty' || disk.emptied === 'while running' ? 'empty' : 'intact';
}

/** The labels of a container are never changed. */
const labelsOf = memoByIdentity(readLabels);

function observeContainer(world: World, host: Host, container: ModelContainer): ContainerObservation {
  const { id, state, startedAt, restarts, exitCode, log, labels } = container;
  const { epoch, spec, certificates } = labelsOf(labels);
  return {
    id,
    state,
    upSeconds: state === 'running' ? world.now - startedAt : 0,
    epoch,
    certificates,
    health: healthOf(world, host, container.component),
    ...(spec !== undefined && { spec }),
    ...(state !== 'running' && { exitCode }),
    restarts,
    lastLog: log,
  };
}

/** Members are asked one by one; without any answer etcd is unobservable. */
export function observeEtcd(world: World, isBlurred: (node: string) => boolean = () => false): EtcdObservation {
  const { token, members, authentication } = world.etcd;
  if (token === undefined || world.records.etcd.state === 'never')
    return { state: 'unobservable', because: 'it was never bootstrapped' };
  const known = etcdNodes(latest(world), world.records).map(({ name }) => name);
  const seen = members.map((member) => observeMember(world, member, { blurred: isBlurred(member.node), known }));
  if (seen.every(({ sync }) => sync !== 'synced')) return { state: 'unobservable', because: 'no member is in sync' };
  return { state: 'observed', clusterId: token, members: seen, authentication };
}

function observeMember(
  world: World,
  { memberId, node, role, started }: ModelMember,
  { blurred, known }: { blurred: boolean; known: string[] },
): EtcdMember {
  const host = hostOf(world, node);
  const base = {
    id: memberId,
    name: started === 'yes' ? host.address : '',
    peerUrls: [peerUrl(host.address)],
    role,
    ...(known.includes(node) && { node }),
    alarms: [],
  };
  if (blurred || !isReachable(host))
    return { ...base, sync: 'unknown', because: 'it does not answer', leader: 'unknown' };
  if (!isSynced(world, node)) return { ...base, sync: 'unsynced', because: 'it does not answer', leader: 'unknown' };
  const leader = world.etcd.leader === node ? 'leader' : 'follower';
  const appliedIndex = String(memberDisk(world, node)?.index ?? 0);
  const container = host.containers.get('etcd');
  const version = sayVersion(container && versionOf(world, container)).slice(1);
  return { ...base, sync: 'synced', leader, appliedIndex, version };
}

function observeKubernetes(world: World): KubernetesObservation {
  if (!servingApiServers(world).some(isReachable)) return { state: 'unobservable', because: 'no API server answers' };
  const { nodes, endpoints, etcdEndpoints, outdatedObjects } = world.kubernetes;
  return {
    state: 'observed',
    nodes: [...nodes.values()],
    apiEndpoints: endpoints,
    etcdEndpoints,
    outdatedObjects: outdatedObjects.map((key) => ({ key, because: 'it is missing' })),
  };
}
