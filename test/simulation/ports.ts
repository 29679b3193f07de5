import type { Fence } from '../../activities/fence.ts';
import type { FileSet } from '../../activities/node/file-set.ts';
import type { NodeDocker } from '../../activities/node/docker.ts';
import { fileContainerName } from '../../activities/node/our-names.ts';
import type { NodeMandate } from '../../activities/contracts/mandates.ts';
import { filesDigest } from '../../activities/render-files.ts';
import type { BarePlace, Place, Places } from '../../activities/steps/places.ts';
import type { Component } from '../../cluster/components/component.ts';
import { runs } from '../../cluster/components/component-spec.ts';
import type { ComponentSpec } from '../../cluster/components/spec.ts';
import { wantedSpec } from '../../cluster/decide/wanted-spec.ts';
import type { Declaration, NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import { departedNode } from '../../cluster/declaration/enrolled.ts';
import { nodeNamed } from '../../cluster/declaration/nodes.ts';
import { CkeError } from '../../cluster/errors.ts';
import { mayStop, mayTakeApart } from './approval-properties.ts';
import type { Run } from './calls.ts';
import { create, findContainer, start, stop } from './model/engine.ts';
import { readSet } from './model/file-sets.ts';
import { directoryState } from './model/observe.ts';
import { hostOf, violate, type Host, type ModelContainer } from './model/world.ts';
import { afterCreate, beforeStart, beforeStop } from './properties.ts';
import type { Simulation } from './simulation.ts';
import { keepsSkew } from './version-properties.ts';

/** Where the real activities act: the model's hosts behind the interfaces of the real ones. */
export function modelPlaces(simulation: Simulation, run: Run): Places {
  const { world, memory } = simulation;
  const bare = (declaration: Declaration, node: NodeDeclaration, text: (component: Component) => string): BarePlace => {
    const host = hostOf(world, node.name);
    const docker = modelDocker({ simulation, run, host, text }) as NodeDocker;
    return { declaration, node, docker, files: modelFiles(simulation, run, host) as unknown as BarePlace['files'] };
  };
  const declarationOf = ({ revision }: NodeMandate) => {
    const declaration = world.declarations[revision - 1];
    if (declaration === undefined) throw stale(`there is no revision ${revision}`);
    return declaration;
  };
  const departed = async (mandate: NodeMandate): Promise<BarePlace> => {
    const declaration = declarationOf(mandate);
    const known = world.records.nodes?.[mandate.node];
    if (known === undefined) throw stale(`${mandate.node} is not on record`);
    if (nodeNamed(declaration, mandate.node)) throw stale(`${mandate.node} is declared: it is not taken apart`);
    return bare(declaration, departedNode(mandate.node, known), nothingWanted);
  };
  const whole = (declaration: Declaration, node: NodeDeclaration): Place => {
    const wanted = (component: Component) => {
      const made = wantedSpec({ declaration, observation: world, node }, component);
      if (made === undefined) throw stale(`${node.name} has no membership`);
      return made;
    };
    return {
      ...bare(declaration, node, (component) =>
        runs(declaration, node, component) ? memory.textOf(wanted(component)) : nothingWanted(),
      ),
      pull: async () => undefined,
      preflight: async () => [],
      wanted: async (component) => memory.specOf(wanted(component)),
    };
  };
  return {
    departed,
    anywhere: async (mandate) => {
      const declaration = declarationOf(mandate);
      const node = nodeNamed(declaration, mandate.node);
      return node === undefined ? departed(mandate) : bare(declaration, node, nothingWanted);
    },
    ofMember: async (mandate) => {
      const declaration = declarationOf(mandate);
      return whole(declaration, nodeNamed(declaration, mandate.node) ?? (await departed(mandate)).node);
    },
    at: async (mandate) => {
      const declaration = declarationOf(mandate);
      const node = nodeNamed(declaration, mandate.node);
      if (node === undefined) throw stale(`${mandate.node} is not in revision ${mandate.revision}`);
      return whole(declaration, node);
    },
  };
}

function nothingWanted(): string {
  throw stale('nothing is wanted there');
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
    hasImage: () => Promise.resolve(true),
    list: () => calls.read(host, () => [...host.containers.values()].map(listed)),
    removeImage: () => Promise.resolve('in-use'),
    inspect: (idOrName) =>
      calls.read(host, () => {
        if (idOrName === fileContainerName) return host.prepared === 'yes' ? fileContainer : undefined;
        return inspected(find(idOrName));
      }),
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
        keepsSkew({ world, host, container, decision: run.decision });
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
        const wanted = wantedText(text, container);
        beforeStop({ world, watch, host, container, run }, wanted);
        mayStop({ world, host, container, decision: run.decision }, wanted);
        if (container.state === 'exited' || container.state === 'created') return 'already-stopped';
        stop(world, host, container, 'us');
        return 'stopped';
      }),
    remove: (id) =>
      id === fileContainer.id
        ? effect('remove the file container', () => unprepare(host))
        : effect(`remove ${find(id)?.component ?? id}`, () => {
            const container = find(id);
            if (container === undefined) return 'gone';
            if (container.state === 'running')
              throw dockerFailed(`${container.component} on ${host.name} runs: it is not removed`);
            host.containers.delete(container.component);
            return 'removed';
          }),
  };
}

const fileContainer = {
  id: 'file-container',
  name: fileContainerName,
  image: 'model',
  labels: {},
  state: 'created' as const,
  exitCode: 0,
  restarts: 0,
};

function unprepare(host: Host): 'removed' {
  host.prepared = 'no';
  return 'removed';
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

function listed({ id, component, labels, state, exitCode }: ModelContainer) {
  return { id, name: component, image: 'model', labels, state, exitCode, upSeconds: 0 };
}

function modelFiles({ world, watch, calls }: Simulation, run: Run, host: Host) {
  const look = () => {
    const state = directoryState(world, host);
    if (state === 'intact') watch.seenIntact.add(host.name);
    else watch.seenIntact.delete(host.name);
    return state;
  };
  return {
    readManifest: (spec: ComponentSpec) =>
      calls.read(host, () => {
        if (world.files === 'looked into') return host.fileSets.get(spec.component);
        return { certificates: [], digest: filesDigest(spec) };
      }),
    damage: () => calls.read(host, () => []),
    installFileSet: (set: FileSet) =>
      calls.effect({
        what: `install the files of ${set.component} on ${host.name}`,
        run,
        host,
        act: () => {
          const component = set.component as Component;
          if ((host.fileSets.get(component)?.epoch ?? 0) > set.by.epoch) throw overtaken(set);
          host.fileSets.set(component, readSet(set));
          return { generation: set.manifest.digest };
        },
      }),
    directoryState: () => calls.read(host, look),
    removeFileSets: () =>
      calls.effect({
        what: `remove files on ${host.name}`,
        run,
        host,
        act: () => {
          mayTakeApart({ world, decision: run.decision }, host.name, 'files were removed');
          host.fileSets.clear();
        },
      }),
    renamePath: ({ from }: { from: string }) =>
      calls.effect({
        what: `put ${from} on ${host.name} into the trash`,
        run,
        host,
        act: () => {
          const name = from.split('/').at(-1) ?? '';
          const disk = host.directories.get(name);
          if (disk && world.etcd.members.some(({ memberId }) => memberId === disk.memberId))
            violate(world, 'W-01', `the directory of the member on ${host.name} was put away, and it is a member`);
          host.directories.delete(name);
        },
      }),
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

function overtaken({ component, by }: FileSet): CkeError {
  const message = `the files of ${component} were installed by a newer operation than ${by.epoch}`;
  return new CkeError({ code: 'Fenced', message, remedy: 'never' });
}

/** The fence of the management etcd: an older epoch is refused (E-02). */
export function modelFence({ world }: Simulation): Fence {
  return {
    mayAct: async ({ epoch }) => {
      if (epoch === world.epoch) return;
      throw new CkeError({ code: 'Fenced', message: `epoch ${epoch} is over, ${world.epoch} holds`, remedy: 'never' });
    },
  };
}
