import type { Fence } from '../../activities/fence.ts';
import type { NodeDocker } from '../../activities/node/docker.ts';
import type { Place, Places } from '../../activities/steps/places.ts';
import type { Component } from '../../cluster/components/component.ts';
import { etcdMembershipOf } from '../../cluster/decide/etcd-membership.ts';
import { nodeNamed } from '../../cluster/declaration/nodes.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { Run } from './calls.ts';
import { create, findContainer, start, stop } from './model/engine.ts';
import { directoryState } from './model/observe.ts';
import { hostOf, type Host, type ModelContainer } from './model/world.ts';
import { afterCreate, beforeStart, beforeStop } from './properties.ts';
import type { Simulation } from './simulation.ts';

/** Where the real activities act: the model's hosts behind the interfaces of the real ones. */
export function modelPlaces(simulation: Simulation, run: Run): Places {
  const { world, memory } = simulation;
  const departed = () => Promise.reject(stale('the model has no nodes that leave'));
  return {
    departed,
    anywhere: departed,
    at: async ({ revision, node: name }) => {
      const declaration = world.declarations[revision - 1];
      const node = declaration && nodeNamed(declaration, name);
      if (declaration === undefined || node === undefined) throw stale(`${name} is not in revision ${revision}`);
      const host = hostOf(world, name);
      const membership = () => etcdMembershipOf({ declaration, observation: world, node });
      const wanted = (component: Component) => {
        const member = component === 'etcd' ? membership() : undefined;
        if (component === 'etcd' && member === undefined) throw stale(`${name} has no membership`);
        return { declaration, node, component, ...(member && { membership: member }) };
      };
      const text = (component: Component) => memory.textOf(wanted(component));
      return {
        declaration,
        node,
        docker: modelDocker({ simulation, run, host, text }) as NodeDocker,
        files: modelFiles(simulation, run, host),
        wanted: async (component: Component) => memory.specOf(wanted(component)),
      } as unknown as Place;
    },
  };
}

function stale(message: string): CkeError {
  return new CkeError({ code: 'StalePlan', message, remedy: 'never' });
}

interface DockerInput {
  simulation: Simulation;
  run: Run;
  host: Host;
  text: (component: Component) => string;
}

/** Docker on one host: looking is answered at once, each effect waits for its turn in the schedule. */
function modelDocker({ simulation, run, host, text }: DockerInput): Partial<NodeDocker> {
  const { world, watch, calls } = simulation;
  const find = (id: string) => findContainer(host, id);
  const effect = <T>(what: string, act: () => T) =>
    calls.effect({
      what: `${what} on ${host.name}`,
      run,
      host,
      act,
      ...(what === 'stop etcd' && { delay: 'none' as const }),
    });
  return {
    inspect: (idOrName) => calls.read(host, () => inspected(find(idOrName))),
    create: ({ name, labels }) =>
      effect(`create ${name}`, () => {
        const component = name as Component;
        const created = create(world, host, { name: component, labels, spec: labels['cke.spec'] ?? '' });
        const container = find(created.id);
        if (created.outcome === 'created' && container) afterCreate({ world, watch, host, container });
        return created;
      }),
    start: (id) =>
      effect(`start ${find(id)?.component ?? id}`, () => {
        const container = find(id);
        if (container === undefined) return 'gone';
        if (container.state === 'running' || container.state === 'restarting') return 'already-running';
        beforeStart({ world, watch, host, container });
        container.restarts = 0;
        const answer = start(world, host, container);
        if (answer !== 'started')
          throw dockerFailed(`${container.component} on ${host.name}: bind source path does not exist`);
        return 'started';
      }),
    stop: (id) =>
      effect(`stop ${find(id)?.component ?? id}`, () => {
        const container = find(id);
        if (container === undefined) return 'gone';
        beforeStop({ world, watch, host, container }, wantedText(text, container));
        if (container.state === 'exited' || container.state === 'created') return 'already-stopped';
        stop(world, host, container, 'us');
        return 'stopped';
      }),
    remove: (id) =>
      effect(`remove ${find(id)?.component ?? id}`, () => {
        const container = find(id);
        if (container === undefined) return 'gone';
        if (container.state === 'running')
          throw dockerFailed(`${container.component} on ${host.name} runs: it is not removed`);
        host.containers.delete(container.component);
        return 'removed';
      }),
  };
}

function wantedText(text: (component: Component) => string, { component }: ModelContainer): string | undefined {
  try {
    return text(component);
  } catch {
    return undefined;
  }
}

function dockerFailed(message: string): CkeError {
  return new CkeError({ code: 'DockerFailed', message, remedy: 'retry' });
}

function inspected(container: ModelContainer | undefined) {
  if (container === undefined) return undefined;
  const { id, component, labels, state, exitCode, restarts } = container;
  const startedAt = new Date(container.startedAt * 1000).toISOString();
  return { id, name: component, image: 'model', labels, state, startedAt, exitCode, restarts };
}

function modelFiles({ world, watch, calls, mutant }: Simulation, run: Run, host: Host) {
  const look = () => {
    const state = directoryState(world, host);
    if (state === 'intact') watch.seenIntact.add(host.name);
    else watch.seenIntact.delete(host.name);
    return mutant === 'no W-05' ? 'intact' : state;
  };
  return {
    readManifest: () => calls.read(host, () => ({ certificates: [] })),
    directoryState: () => calls.read(host, look),
    makeDirectories: (directories: { path: string }[]) =>
      calls.effect({
        what: `make data directory on ${host.name}`,
        run,
        host,
        act: () => {
          for (const { path } of directories) {
            const name = path.split('/').at(-1) ?? '';
            if (!host.directories.has(name))
              host.directories.set(name, { content: 'empty', memberId: '', token: '', index: 0, emptied: 'no' });
          }
        },
      }),
  };
}

/** The fence of the management etcd: an older epoch is refused (E-02). */
export function modelFence({ world, mutant }: Simulation): Fence {
  return {
    mayAct: async ({ epoch }) => {
      if (epoch === world.epoch || mutant === 'no fence') return;
      throw new CkeError({ code: 'Fenced', message: `epoch ${epoch} is over, ${world.epoch} holds`, remedy: 'never' });
    },
  };
}
