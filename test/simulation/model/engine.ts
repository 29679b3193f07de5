import type { Component } from '../../../cluster/components/component.ts';
import type { ComponentSpec } from '../../../cluster/components/spec.ts';
import { badFlag } from './fleet.ts';
import { endMember } from './etcd.ts';
import { startMember, type MemberStart } from './etcd-process.ts';
import { say, type Host, type ModelContainer, type World } from './world.ts';

/** Finds a container by name or id, as `docker inspect` does. */
export function findContainer(host: Host, idOrName: string): ModelContainer | undefined {
  return [...host.containers.values()].find(({ id, component }) => id === idOrName || component === idOrName);
}

export function specOf(world: World, { spec }: Pick<ModelContainer, 'spec'>): ComponentSpec {
  const known = world.specs.get(spec);
  if (known !== undefined) return known;
  const parsed = JSON.parse(spec) as ComponentSpec;
  world.specs.set(spec, parsed);
  return parsed;
}

interface Creation {
  name: Component;
  labels: Record<string, string>;
  spec: string;
}

/** Names are unique on a host. */
export function create(
  world: World,
  host: Host,
  { name, labels, spec }: Creation,
): { outcome: 'created' | 'exists'; id: string } {
  const standing = host.containers.get(name);
  if (standing !== undefined) return { outcome: 'exists', id: standing.id };
  world.nextId += 1;
  const id = `c${world.nextId}`;
  host.containers.set(name, {
    id,
    component: name,
    state: 'created',
    startedAt: 0,
    labels,
    spec,
    restarts: 0,
    exitCode: 0,
    log: [],
    stoppedBy: 'nobody',
    loaded: undefined,
    registered: 'no',
  });
  return { outcome: 'created', id };
}

/** Starts the process. One that ends at once is restarted by the engine as time passes, if its policy says so. */
export function start(world: World, host: Host, container: ModelContainer): 'started' | 'no mount source' {
  const outcome = begin(world, host, container);
  container.startedAt = world.now;
  container.registered = 'no';
  container.stoppedBy = 'nobody';
  container.loaded = host.fileSets.get(container.component);
  if (outcome.state === 'no directory') return 'no mount source';
  if (outcome.state === 'up') container.state = 'running';
  else dies(world, host, container, outcome.words);
  return 'started';
}

function begin(world: World, host: Host, container: ModelContainer): MemberStart {
  const spec = specOf(world, container);
  if (spec.container.command.includes(badFlag)) return { state: 'ends', words: `unknown flag: ${badFlag}` };
  return container.component === 'etcd' ? startMember(world, host, spec) : { state: 'up' };
}

/** The process ends by itself with an error. */
export function dies(world: World, host: Host, container: ModelContainer, words: string): void {
  const restart = specOf(world, container).container.restart === 'always';
  Object.assign(container, { state: restart ? 'restarting' : 'exited', exitCode: 1, log: [words] });
  if (container.component === 'etcd') endMember(world, host);
}

/** The process is stopped from outside: the engine leaves it stopped. */
export function stop(world: World, host: Host, container: ModelContainer, by: 'us' | 'a person'): void {
  Object.assign(container, { state: 'exited', exitCode: 137, stoppedBy: by });
  if (container.component === 'etcd') endMember(world, host);
}

/** The engine tries again what died by itself; slower and slower in truth, every few seconds here. */
export function tickEngine(world: World, host: Host): void {
  for (const container of host.containers.values()) {
    if (container.state !== 'restarting' || world.now - container.startedAt < 2) continue;
    container.restarts += 1;
    start(world, host, container);
  }
}

export function powerOff(world: World, host: Host): void {
  if (host.power === 'off') return;
  host.power = 'off';
  for (const container of host.containers.values()) {
    if (container.state === 'running' && container.component === 'etcd') endMember(world, host);
  }
  say(world, `${host.name} is powered off`);
}

/** Docker starts again what ran before and has the policy for it. */
export function powerOn(world: World, host: Host): void {
  if (host.power === 'on') return;
  host.power = 'on';
  say(world, `${host.name} is powered on`);
  for (const container of host.containers.values()) {
    if (container.state !== 'running' && container.state !== 'restarting') continue;
    container.restarts = 0;
    if (specOf(world, container).container.restart === 'always') start(world, host, container);
    else Object.assign(container, { state: 'exited', exitCode: 137 });
  }
}
