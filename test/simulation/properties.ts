import type { Component } from '../../cluster/components/component.ts';
import { quorum } from '../../cluster/etcd/quorum.ts';
import { isSynced, memberOn, voters } from './model/etcd.ts';
import { specOf } from './model/engine.ts';
import { badFlag } from './model/fleet.ts';
import { directoryState } from './model/observe.ts';
import { serves } from './model/serving.ts';
import { nodeNamed } from '../../cluster/declaration/nodes.ts';
import { hostOf, latest, violate, type Host, type ModelContainer, type World } from './model/world.ts';

/** What the properties have to remember between events. */
export interface Watch {
  /** Hosts whose API server stopped serving by our own doing, until it serves again. */
  downBecauseOfUs: Set<string>;
  /** Where we put a spec that crashes in place of a component that served, by component. */
  tried: Map<Component, Set<string>>;
  /** Serving components that this operation has stopped and not made again yet, as `host component`. */
  disturbed: Set<string>;
  /** Hosts whose etcd directory was intact when it was last looked at for a start. */
  seenIntact: Set<string>;
}

export function createWatch(): Watch {
  return { downBecauseOfUs: new Set(), tried: new Map(), disturbed: new Set(), seenIntact: new Set() };
}

export interface Subject {
  world: World;
  watch: Watch;
  host: Host;
  container: ModelContainer;
}

/** Right before we stop a container. `wanted` is the text of the spec that it should have; undefined when it should not be there. */
export function beforeStop({ world, watch, host, container }: Subject, wanted: string | undefined): void {
  const { component } = container;
  if (!serves(world, host, component)) return;
  watch.disturbed.add(`${host.name} ${component}`);
  if (component === 'etcd' && world.records.etcd.state === 'done') keepsQuorum(world, host);
  const opensGap = component === 'kube-apiserver' || (component === 'etcd-rivers' && hasServed(world, host));
  if (opensGap && wanted !== undefined) takesDown(world, watch, host);
  const lost = component === 'kubelet' && !world.kubernetes.nodes.has(host.name);
  if (container.spec === wanted && !lost)
    violate(world, 'P15', `${component} on ${host.name} was replaced although it was what is wanted, and served`);
}

/** An API server that came up beside the replacement of its etcd-rivers is not counted on yet. */
function hasServed(world: World, host: Host): boolean {
  const server = host.containers.get('kube-apiserver');
  return server !== undefined && world.now - server.startedAt > 10 && serves(world, host, 'kube-apiserver');
}

/** P2, P3: our own step never takes the quorum away; where one or two voters make that impossible it is an outage by declaration. */
function keepsQuorum(world: World, host: Host): void {
  const all = voters(world);
  if (all.length <= 2 || !all.some(({ node }) => node === host.name)) return;
  const others = all.filter(({ node }) => node !== host.name && isSynced(world, node)).length;
  if (others < quorum(all.length))
    violate(
      world,
      'P2',
      `the etcd member on ${host.name} was stopped with ${others} other voters in sync of ${all.length}`,
    );
}

/** P6. */
function takesDown(world: World, watch: Watch, host: Host): void {
  if (!isMaster(world, host.name)) return;
  watch.downBecauseOfUs.add(host.name);
  if (watch.downBecauseOfUs.size > 1)
    violate(
      world,
      'P6',
      `API servers on ${[...watch.downBecauseOfUs].join(' and ')} are down at the same time by our doing`,
    );
}

/** Right after we made a container. */
export function afterCreate({ world, watch, host, container }: Subject): void {
  const { component } = container;
  const replaced = watch.disturbed.delete(`${host.name} ${component}`);
  if (!replaced || !specOf(world, container).container.command.includes(badFlag)) return;
  const nodes = watch.tried.get(component) ?? new Set<string>();
  watch.tried.set(component, nodes.add(host.name));
  if (nodes.size > 1)
    violate(
      world,
      'canary',
      `a spec of ${component} that crashes went to ${[...nodes].join(' and ')} in place of what served`,
    );
}

/** W-04, W-05: right before we start an etcd container. What is emptied between our look and our call is not our doing. */
export function beforeStart({ world, watch, host, container }: Subject): void {
  if (container.component !== 'etcd' || world.records.etcd.state !== 'done') return;
  const member = memberOn(world, host.name);
  if (member?.role !== 'voter') return;
  const state = directoryState(world, host);
  const looked = watch.seenIntact.delete(host.name);
  if (state !== 'intact' && !looked)
    violate(world, 'W-05', `etcd on ${host.name} was started on a directory that is ${state}`);
}

/** At every look: what is out of sight, or declared no more, can't keep anyone from trying the same elsewhere. */
export function afterLook(watch: Watch, seen: string[]): void {
  for (const nodes of watch.tried.values()) for (const name of nodes) if (!seen.includes(name)) nodes.delete(name);
}

/** After every event. */
export function afterEvent(world: World, watch: Watch): void {
  for (const name of watch.downBecauseOfUs)
    if (!isMaster(world, name) || serves(world, hostOf(world, name), 'kube-apiserver'))
      watch.downBecauseOfUs.delete(name);
}

const isMaster = (world: World, name: string): boolean => nodeNamed(latest(world), name)?.control_plane === true;
