import type { Run } from './calls.ts';
import type { Component } from '../../cluster/components/component.ts';
import { quorum } from '../../cluster/etcd/quorum.ts';
import { isSynced, memberOn, voters } from './model/etcd.ts';
import { specOf } from './model/engine.ts';
import { badFlag } from './model/fleet.ts';
import { directoryState } from './model/observe.ts';
import { serves } from './model/serving.ts';
import { isControlPlane } from '../../cluster/declaration/nodes.ts';
import { hostOf, latest, violate, type Host, type ModelContainer, type World } from './model/world.ts';

/** What the properties have to remember between events. */
export interface Watch {
  /** Hosts whose API server stopped serving by our own doing, until it serves again or the machine goes off. */
  downBecauseOfUs: Set<string>;
  /** Where we put a spec that crashes in place of a component that served, by component. */
  tried: Map<Component, Set<string>>;
  /** Serving components that this operation has stopped to replace them, and not made again yet, as `host component`. */
  disturbed: Set<string>;
  /** Nodes that had a Node object at the last look. */
  registered: Set<string>;
  /** Hosts whose etcd directory was intact when it was last looked at for a start. */
  seenIntact: Set<string>;
  /** Whether a snapshot was taken since the members were changed. */
  snapshot: 'none' | 'taken';
  /** Hosts whose voter was in sync and was stopped by us, until it is in sync again. */
  votersDown: Set<string>;
}

export function createWatch(): Watch {
  return {
    downBecauseOfUs: new Set(),
    tried: new Map(),
    disturbed: new Set(),
    registered: new Set(),
    seenIntact: new Set(),
    snapshot: 'none',
    votersDown: new Set(),
  };
}

export interface Subject {
  world: World;
  watch: Watch;
  host: Host;
  container: ModelContainer;
}

/** Right before `run` stops a container. `wanted` is the text of the spec that it should have; undefined when it should not be there. */
export function beforeStop(
  { world, watch, host, container, run }: Subject & { run: Pick<Run, 'state'> },
  wanted: string | undefined,
): void {
  const { component } = container;
  if (!serves(world, host, component)) return;
  // Members of a first start that is not over yet have to be the same everywhere, and serve nobody.
  const isReplaced = wanted !== undefined && (component !== 'etcd' || world.records.etcd.state === 'done');
  if (isReplaced) watch.disturbed.add(`${host.name} ${component}`);
  if (component === 'etcd' && world.records.etcd.state === 'done') stopsVoter({ world, watch, host }, wanted);
  if (component === 'kube-apiserver') isWithdrawn(world, host);
  // What a dead manager had sent for one that was down may meet it when it has just come back.
  const isMet = component === 'kube-apiserver' && (run.state === 'alive' || hasServed(world, host));
  const opensGap = isMet || (component === 'etcd-rivers' && hasServed(world, host));
  if (opensGap && wanted !== undefined) takesDown(world, watch, host);
  // Without a Node object it has to register anew; one that died meanwhile has done so by itself, and nobody knew when it was decided.
  const lost = !watch.registered.has(host.name) || world.now - container.startedAt < 10;
  if (
    container.spec === wanted &&
    !(component === 'kubelet' && lost) &&
    container.loaded === host.fileSets.get(component)
  )
    violate(world, 'P15', `${component} on ${host.name} was replaced although it was what is wanted, and served`);
}

/** An API server that came up beside the replacement of its etcd-rivers is not counted on yet. */
function hasServed(world: World, host: Host): boolean {
  const server = host.containers.get('kube-apiserver');
  return server !== undefined && world.now - server.startedAt > 10 && serves(world, host, 'kube-apiserver');
}

/** At most one voter is out by our own doing, it does not lead when it is stopped (finding 8), and it has left the list if it is to go (W-08). */
function stopsVoter({ world, watch, host }: Omit<Subject, 'container'>, wanted: string | undefined): void {
  const all = voters(world);
  if (!all.some(({ node }) => node === host.name)) return;
  keepsQuorum(world, host);
  watch.votersDown.add(host.name);
  if (watch.votersDown.size > 1)
    violate(world, 'one at a time', `the voters on ${[...watch.votersDown].join(' and ')} are out by our own doing`);
  const others = all.filter(({ node }) => node !== host.name && isSynced(world, node));
  if (world.etcd.leader === host.name && others.length > 0)
    violate(world, 'leader', `the etcd member on ${host.name} was stopped while it led`);
  if (wanted === undefined)
    violate(world, 'W-08', `the etcd member on ${host.name} was stopped, and is in the member list still`);
}

/** clients are sent elsewhere before an API server stops, where there is another. */
function isWithdrawn(world: World, host: Host): void {
  const { ready } = world.kubernetes.endpoints;
  if (ready.length > 1 && ready.includes(host.address))
    violate(world, 'A-01', `the API server on ${host.name} was stopped while clients were sent to it`);
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
export function afterLook({ world, watch }: Pick<Subject, 'world' | 'watch'>, seen: string[]): void {
  watch.registered = new Set(world.kubernetes.nodes.keys());
  for (const nodes of watch.tried.values()) for (const name of nodes) if (!seen.includes(name)) nodes.delete(name);
}

/** After every event. */
export function afterEvent(world: World, watch: Watch): void {
  for (const name of watch.downBecauseOfUs) {
    const host = hostOf(world, name);
    // What loses its power is down because of that; one that a person leaves out may be down for ever.
    const isExcused = !isMaster(world, name) || host.power === 'off' || world.leftOut.has(name);
    if (isExcused || serves(world, host, 'kube-apiserver')) watch.downBecauseOfUs.delete(name);
  }
  for (const name of watch.votersDown)
    if (isSynced(world, name) || memberOn(world, name)?.role !== 'voter') watch.votersDown.delete(name);
}

const isMaster = (world: World, name: string): boolean => isControlPlane(latest(world), name);
