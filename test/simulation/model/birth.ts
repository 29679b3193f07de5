import type { Component } from '../../../cluster/components/component.ts';
import { componentsOf } from '../../../cluster/components/component-spec.ts';
import { cniConfiguration } from '../../../cluster/components/cni.ts';
import type { Declaration, NodeDeclaration } from '../../../cluster/declaration/declaration.ts';
import { enrolled } from '../../../cluster/declaration/enrolled.ts';
import { controlPlanes, nodeNamed, controlPlaneNames } from '../../../cluster/declaration/nodes.ts';
import { attributeChanges } from '../../../cluster/node-attributes/attribute-changes.ts';
import type { OwnedAttributes } from '../../../cluster/observation.ts';
import { containerLabels } from '../../../activities/labels.ts';
import { create } from './engine.ts';
import type { Memory } from '../memory.ts';
import { spareMaster, spareWorker, type Shape } from './fleet.ts';
import { hostOf, seeded, type Host, type World } from './world.ts';

const objects = ['ClusterRole//system:kube-apiserver-to-kubelet', 'ClusterRoleBinding//system:kube-apiserver'];

const noAttributes: OwnedAttributes = { labels: [], annotations: [], taints: [] };

interface Birth {
  shape: Shape;
  seed: number;
  memory: Memory;
}

/** Machines that nobody has touched yet, and a declaration. */
export function freshWorld({ shape, seed, memory }: Birth): World {
  const declaration = memory.declare(shape);
  const spare = Array.from({ length: shape.spares }, (_, index) => spareWorker(declaration, shape, index));
  const spareMasters = Array.from({ length: shape.spareMasters }, (_, index) => spareMaster(declaration, shape, index));
  const hosts = [...declaration.nodes, ...spare, ...spareMasters].map(
    ({ name, address }) => [name, bareHost(name, address)] as const,
  );
  return {
    now: 0,
    random: seeded(seed),
    nextId: 0,
    hosts: new Map(hosts),
    etcd: { token: undefined, members: [], leader: undefined, acknowledged: 0, authentication: 'disabled' },
    kubernetes: { nodes: new Map(), endpoints: none, etcdEndpoints: none, outdatedObjects: [...objects] },
    records: { etcd: { state: 'never' }, ownedAttributes: {}, cniConfigurations: {}, nodes: {}, drains: {} },
    recordVersion: 0,
    approvals: [],
    epoch: 0,
    declarations: [declaration],
    specs: memory.specs,
    leftOut: new Set(),
    files: 'as they should be',
    violations: [],
    faults: 'on',
    trace: [],
  };
}

const none = { ready: [], notReady: [] };

function bareHost(name: string, address: string): Host {
  return {
    name,
    address,
    power: 'on',
    link: 'up',
    prepared: 'no',
    containers: new Map(),
    directories: new Map(),
    fileSets: new Map(),
  };
}

/** A fleet that has converged and run for a while. */
export function convergedWorld(birth: Birth): World {
  const world = freshWorld(birth);
  const [declaration] = world.declarations;
  if (declaration === undefined) return world;
  world.now = 1000;
  world.epoch = 1;
  bearEtcd(world, declaration);
  for (const node of declaration.nodes) {
    hostOf(world, node.name).prepared = 'yes';
    world.records.nodes = { ...world.records.nodes, [node.name]: enrolled(node) };
    for (const component of componentsOf(declaration, node)) run(birth.memory, world, { declaration, node, component });
  }
  const addresses = controlPlanes(declaration).map(({ address }) => address);
  const serving = { ready: addresses, notReady: [] };
  world.kubernetes = { nodes: new Map(), endpoints: serving, etcdEndpoints: serving, outdatedObjects: [] };
  declaration.nodes.forEach((node, index) => registerNode(world, declaration, node.name, index));
  return world;
}

function bearEtcd(world: World, declaration: Declaration): void {
  const token = 'first';
  const names = controlPlaneNames(declaration);
  const memberId = (name: string) => `${token}/${name}`;
  for (const name of names)
    hostOf(world, name).directories.set('m-0', {
      content: 'data',
      memberId: memberId(name),
      token,
      index: 1,
      emptied: 'no',
    });
  world.records.etcd = {
    state: 'done',
    token,
    memberships: Object.fromEntries(
      names.map((name) => [name, { directory: 'm-0', memberId: memberId(name), state: 'settled' as const }]),
    ),
  };
  const members = names.map((node) => ({
    memberId: memberId(node),
    node,
    role: 'voter' as const,
    started: 'yes' as const,
  }));
  world.etcd = { token, members, leader: names[0], acknowledged: 1, authentication: 'enabled' };
}

function run(
  memory: Memory,
  world: World,
  place: { declaration: Declaration; node: NodeDeclaration; component: Component },
): void {
  const { declaration, node, component } = place;
  const membership = { start: 'settled' as const, directory: 'm-0' };
  const wanted = { ...place, ...(component === 'etcd' && { membership }) };
  const mandate = { cluster: declaration.name, revision: 1, epoch: 1 };
  const labels = containerLabels({ mandate, spec: memory.specOf(wanted), certificates: [] });
  create(world, hostOf(world, node.name), { name: component, spec: memory.textOf(wanted), labels });
  Object.assign(hostOf(world, node.name).containers.get(component) ?? {}, {
    state: 'running',
    startedAt: 0,
    registered: 'yes',
  });
}

function registerNode(world: World, declaration: Declaration, name: string, index: number): void {
  const node = nodeNamed(declaration, name);
  if (node === undefined) return;
  const podCidr = `10.244.${index}.0/24`;
  const live = { labels: {}, annotations: {}, taints: [] };
  const changes = attributeChanges({ declaration, node, live, owned: noAttributes });
  const kept = (values: Record<string, string | null> | undefined) =>
    Object.fromEntries(Object.entries(values ?? {}).filter((entry): entry is [string, string] => entry[1] !== null));
  world.kubernetes.nodes.set(name, {
    name,
    ready: 'true',
    readyMessage: 'kubelet is posting ready status',
    schedulable: 'yes',
    labels: kept(changes?.labels),
    annotations: kept(changes?.annotations),
    taints: changes?.taints ?? [],
    podCidr,
    kubeletVersion: `v${declaration.kubernetes_version}`,
  });
  if (changes) world.records.ownedAttributes[name] = changes.owned;
  const text = cniConfiguration({ declaration, node, podCidr })?.text;
  if (text === undefined) return;
  hostOf(world, name).cniConfiguration = text;
  world.records.cniConfigurations[name] = text;
}
