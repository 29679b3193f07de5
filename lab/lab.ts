import { attempt } from './command.ts';
import { LabError } from './errors.ts';
import { tearDown } from './down.ts';
import { withLock } from './lock.ts';
import { silentProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { openNode } from './lab-node.ts';
import type { LabNode } from './lab-node.ts';
import { destroyNode, powerOn, prepareDisk } from './nodes.ts';
import { ensureImageStore } from './image-store.ts';
import { ensureRoot } from './requirements.ts';
import { ensureRoots } from './roots.ts';
import { environment } from './settings.ts';
import { serverTools } from './servers/server.ts';
import type { ServerName } from './servers/server.ts';
import { readVaultKeys, seal, unseal } from './servers/vault.ts';
import { runningProcess, stopProcess } from './processes.ts';
import { setRoutes } from './routes.ts';
import { pathsOf, readRecord, stateDirectoryOf, writeRecord } from './state.ts';
import type { LabPaths, LabRecord } from './state.ts';
import { resolveTools } from './toolchain.ts';
import { bringUp, servers, withNode } from './up.ts';
import type { UpOptions } from './up.ts';
import { endWorkers, startWorkers } from './workers.ts';
import type { WorkerOptions } from './workers.ts';

export interface OpenLabOptions {
  readonly name?: string;
  /** Where the lab tells what it does; by default nowhere. */
  readonly progress?: Progress;
}

/** One lab: real servers and real nodes on this machine. Every verb can be repeated. All throw LabError. */
export interface Lab {
  readonly name: string;
  readonly paths: LabPaths;
  /** Throws LabError when the lab is not up. */
  record(): LabRecord;
  up(options?: UpOptions): Promise<LabRecord>;
  down(): Promise<void>;
  /** The variables of `lab env`. */
  environment(): Record<string, string>;
  nodes(): LabNode[];
  node(name: string): LabNode;
  addNode(name: string): Promise<LabNode>;
  removeNode(name: string): Promise<void>;
  startServer(name: ServerName): Promise<void>;
  stopServer(name: ServerName, how?: 'stop' | 'kill'): Promise<void>;
  restartServer(name: ServerName): Promise<void>;
  sealVault(): Promise<void>;
  unsealVault(): Promise<void>;
  /** Starts workers 1 to `count` and returns their PIDs. */
  startWorkers(options?: WorkerOptions): Promise<number[]>;
  endWorkers(how?: 'stop' | 'kill'): Promise<void>;
  /** Lets pods of different nodes reach each other; without an argument the pod CIDRs are read from Kubernetes. */
  routes(podCidrs?: Readonly<Record<string, string>>): Promise<Record<string, string>>;
  /** Runs a program with the lab's environment, e.g. kubectl or cke-client, and returns its exit code and output. */
  run(command: string, args: readonly string[], input?: string): ReturnType<typeof attempt>;
}

/** Opens a lab by name; it need not be up. Throws LabError when the name cannot be one. */
export function openLab({ name = 'demo', progress = silentProgress() }: OpenLabOptions = {}): Lab {
  const paths = pathsOf(stateDirectoryOf(name));
  const locked = async <T>(work: () => Promise<T>): Promise<T> => {
    ensureRoot();
    return withLock(`${paths.directory}.lock`, progress, work);
  };
  const record = (): LabRecord => readRecord(paths.directory) ?? notUp(name);
  const vaultToken = () => readVaultKeys(paths).rootToken;
  const labEnvironment = () =>
    environment({ lab: record(), paths, vaultToken: vaultToken(), path: process.env.PATH ?? '' });
  const serverContext = async () => ({ lab: record(), paths, tools: await resolveTools(serverTools, progress) });
  const node = (nodeName: string): LabNode => {
    const found = record().nodes.find((candidate) => candidate.name === nodeName);
    if (found === undefined) return noSuchNode(nodeName, record());
    return openNode({ lab: record(), paths, node: found }, progress);
  };
  const startServer = async (server: ServerName) => {
    if (runningProcess(paths.record(server)) === undefined) await servers[server].start(await serverContext());
  };
  const stopServer = (server: ServerName, how: 'stop' | 'kill' = 'stop') =>
    stopProcess(paths.record(server), { signal: how === 'kill' ? 'SIGKILL' : 'SIGTERM' });

  return {
    name,
    paths,
    record,
    up: (options = {}) => locked(() => bringUp(name, paths, options, progress)),
    down: () => locked(() => tearDown(paths, progress)),
    environment: labEnvironment,
    nodes: () => record().nodes.map(({ name: nodeName }) => node(nodeName)),
    node,
    addNode: (nodeName) =>
      locked(() => addNode({ name: nodeName, lab: record(), paths, progress })).then(() => node(nodeName)),
    removeNode: (nodeName) =>
      locked(async () => {
        await destroyNode({ lab: record(), paths, node: node(nodeName) });
        writeRecord(paths.directory, { ...record(), nodes: record().nodes.filter((other) => other.name !== nodeName) });
      }),
    startServer,
    stopServer,
    restartServer: async (server) => {
      await stopServer(server);
      await startServer(server);
    },
    sealVault: () => seal(record(), paths),
    unsealVault: () => unseal(record(), paths),
    startWorkers: (options) => startWorkers(record(), paths, options),
    endWorkers: (how = 'stop') => endWorkers(paths, how),
    routes: (podCidrs) => setRoutes({ lab: record(), paths, environment: labEnvironment(), podCidrs }),
    run: (command, args, input) =>
      attempt(command, args, {
        env: { ...process.env, ...labEnvironment() },
        ...(input === undefined ? {} : { input }),
      }),
  };
}

async function addNode(options: { name: string; lab: LabRecord; paths: LabPaths; progress: Progress }): Promise<void> {
  const { name, lab, paths, progress } = options;
  if (!/^[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?$/.test(name)) {
    throw new LabError({
      what: `"${name}" cannot be a node's name`,
      why: 'it is its host name',
      cure: 'e.g. worker-3',
    });
  }
  const wider = lab.nodes.some((node) => node.name === name) ? lab : withNode(lab, name);
  writeRecord(paths.directory, wider);
  const node = wider.nodes.find((candidate) => candidate.name === name) ?? noSuchNode(name, wider);
  const roots = await ensureRoots(progress);
  await progress.phase(`starting ${name} at ${node.address}`, async () => {
    await prepareDisk({ lab: wider, paths, node }, await ensureImageStore(roots, progress, wider.images));
    await powerOn({ lab: wider, paths, node }, roots.node);
  });
}

function notUp(name: string): never {
  throw new LabError({
    what: `the lab "${name}" is not up`,
    why: 'it has no record in its state directory',
    cure: `npm run lab -- up --name ${name}`,
  });
}

function noSuchNode(name: string, lab: LabRecord): never {
  throw new LabError({
    what: `the lab "${lab.name}" has no node ${name}`,
    why: `its nodes are ${lab.nodes.map((node) => node.name).join(', ')}`,
    cure: `npm run lab -- node add ${name} --name ${lab.name}`,
  });
}
