import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { ContainerSpec } from '../../cluster/components/spec.ts';
import type { ContainerObservation } from '../../cluster/observation.ts';
import { containerRequest } from './container-request.ts';
import { exitCodeOf, upSeconds } from './container-status.ts';
import { ourEvents } from './container-events.ts';
import type { ContainerEvent } from './container-events.ts';
import { refused } from './engine.ts';
import type { Engine } from './engine.ts';
import { listImages, pullImage } from './image-calls.ts';
import type { NodeImage, PullOptions } from './image-calls.ts';
import { logLines } from './log-frames.ts';
import { imageMissing } from './node-errors.ts';
import { containerNames } from './our-names.ts';

export type ContainerState = ContainerObservation['state'];

/** A container with one of our names, from the list: one request for all of a node. */
export interface ListedContainer {
  id: string;
  name: string;
  image: string;
  labels: Record<string, string>;
  state: ContainerState;
  /** Since it was started, rounded down as Docker's list rounds; 0 when it is not running. */
  upSeconds: number;
  exitCode?: number;
}

/** One container, looked at closely. */
export interface InspectedContainer {
  id: string;
  name: string;
  image: string;
  labels: Record<string, string>;
  state: ContainerState;
  /** RFC 3339; absent when it was never started. */
  startedAt?: string;
  exitCode: number;
  /** By the engine's restart policy, since it was created. */
  restarts: number;
  /** Docker's own sentence when it could not be started. */
  startFailure?: string;
}

export interface DockerFacts {
  version: string;
  apiVersion: string;
  cgroupDriver: string;
  cgroupVersion: string;
  storageDriver: string;
  rootDirectory: string;
  kernel: string;
  operatingSystem: string;
  processors: number;
  memoryBytes: number;
  /** The node's clock minus ours, in milliseconds, and how far off that may be: half the time of the request. */
  clockOffset: { milliseconds: number; uncertainty: number };
}

export interface CreateContainer {
  name: string;
  spec: ContainerSpec;
  labels: Record<string, string>;
}

export interface FollowEvents {
  /** Ends the stream; `events` then returns. */
  signal: AbortSignal;
  onEvent: (event: ContainerEvent) => void;
  /** Called once when the stream stands: what happens from here on is seen. Look at the list after it. */
  onOpen?: () => void;
}

/**
 * Docker on one node. All throw CkeError: NodeUnreachable, NodeAuthentication, NodeHostKeyChanged, DockerMissing, DockerDenied,
 * DockerForwardingOff, DockerFailed. A call that comes too late for anything to do says so in its result instead of throwing.
 */
export interface NodeDocker {
  /** The containers that have our names, running or not, ours or not. */
  list: () => Promise<ListedContainer[]>;
  inspect: (idOrName: string) => Promise<InspectedContainer | undefined>;
  /** Names are unique on a node: the container that has the name already is returned as `exists`. Throws ImageMissing too. */
  create: (wanted: CreateContainer) => Promise<{ outcome: 'created' | 'exists'; id: string }>;
  start: (id: string) => Promise<'started' | 'already-running' | 'gone'>;
  /** SIGTERM, and SIGKILL after so many seconds. */
  stop: (id: string, graceSeconds: number) => Promise<'stopped' | 'already-stopped' | 'gone'>;
  /** Removes a stopped container; a running one is refused with DockerFailed. */
  remove: (id: string) => Promise<'removed' | 'being-removed' | 'gone'>;
  /** The last lines of stdout and stderr; none when the container is gone. */
  logs: (id: string, lines: number) => Promise<string[]>;
  hasImage: (image: string) => Promise<boolean>;
  /** Pulls, with progress. Throws ImageMissing when the registry does not give it. */
  pull: (image: string, options?: PullOptions) => Promise<void>;
  images: () => Promise<NodeImage[]>;
  /** Follows what happens to containers with our names until the signal ends it; throws CkeError when the stream breaks. */
  events: (follow: FollowEvents) => Promise<void>;
  facts: () => Promise<DockerFacts>;
}

/** Docker's calls over one engine. */
export function createNodeDocker(engine: Engine): NodeDocker {
  const { target } = engine;
  return {
    list: () => listContainers(engine),
    inspect: (idOrName) => inspectContainer(engine, idOrName),
    create: (wanted) => createContainer(engine, wanted.name, containerRequest(wanted.spec, wanted.labels)),
    start: (id) => startContainer(engine, id),
    stop: async (id, graceSeconds) => {
      const doing = `stop container ${short(id)}`;
      const answer = await engine.attempt({
        doing,
        milliseconds: graceSeconds * 1000 + engine.deadlines.call,
        use: (docker, abortSignal) => docker.getContainer(id).stop({ t: graceSeconds, abortSignal }),
      });
      if (answer.state === 'answered') return 'stopped';
      if (answer.refusal.status === 304) return 'already-stopped';
      if (answer.refusal.status === 404) return 'gone';
      throw refused(target, doing, answer.refusal);
    },
    remove: (id) => removeContainer(engine, id, 'stopped only'),
    logs: (id, lines) => lastLines(engine, id, lines),
    hasImage: async (image) => {
      const doing = `look for image ${image}`;
      const use = (docker: Docker, abortSignal: AbortSignal) =>
        docker.getImage(image).inspect({ abortSignal } as Docker.ImageInspectOptions);
      const answer = await engine.attempt({ doing, repeat: 'when the channel broke', use });
      if (answer.state === 'answered') return true;
      if (answer.refusal.status === 404) return false;
      throw refused(target, doing, answer.refusal);
    },
    pull: (image, options) => pullImage(engine, image, options),
    images: () => listImages(engine),
    events: ({ signal, onEvent, onOpen }) => ourEvents(engine, { signal, onEvent, ...(onOpen && { onOpen }) }),
    facts: () => dockerFacts(engine),
  };
}

async function listContainers(engine: Engine): Promise<ListedContainer[]> {
  const filters = { name: containerNames.map((name) => `^/?${name}$`) };
  const found = await engine.call({
    doing: 'list containers',
    milliseconds: engine.deadlines.list,
    repeat: 'when the channel broke',
    use: (docker, abortSignal) => docker.listContainers({ all: true, filters, abortSignal }),
  });
  return found.map(({ Id, Names, Image, Labels, State, Status }) => {
    const exitCode = exitCodeOf(Status);
    return {
      id: Id,
      name: (Names[0] ?? '').replace(/^\//, ''),
      image: Image,
      labels: Labels,
      state: State as ContainerState,
      upSeconds: upSeconds(Status),
      ...(exitCode === undefined ? {} : { exitCode }),
    };
  });
}

export async function inspectContainer(engine: Engine, idOrName: string): Promise<InspectedContainer | undefined> {
  const doing = `inspect container ${short(idOrName)}`;
  const answer = await engine.attempt({
    doing,
    repeat: 'when the channel broke',
    use: (docker, abortSignal) => docker.getContainer(idOrName).inspect({ abortSignal }),
  });
  if (answer.state === 'refused') {
    if (answer.refusal.status === 404) return undefined;
    throw refused(engine.target, doing, answer.refusal);
  }
  const { Id, Name, Config, State, RestartCount } = answer.value;
  return {
    id: Id,
    name: Name.replace(/^\//, ''),
    image: Config.Image,
    labels: Config.Labels,
    state: State.Status as ContainerState,
    ...(State.StartedAt.startsWith('0001') ? {} : { startedAt: State.StartedAt }),
    exitCode: State.ExitCode,
    restarts: RestartCount,
    ...(State.Error === '' ? {} : { startFailure: State.Error }),
  };
}

export async function createContainer(
  engine: Engine,
  name: string,
  request: Docker.ContainerCreateOptions,
): Promise<{ outcome: 'created' | 'exists'; id: string }> {
  const doing = `create container ${name}`;
  const use = (docker: Docker, abortSignal: AbortSignal) => {
    // Given together, dockerode would put all of it into the URL too.
    const options: Docker.ContainerCreateOptions & { _query: object; _body: object } = {
      _query: { name },
      _body: request,
      abortSignal,
    };
    return docker.createContainer(options);
  };
  const answer = await engine.attempt({ doing, use });
  if (answer.state === 'answered') return { outcome: 'created', id: answer.value.id };
  const { status, because } = answer.refusal;
  if (status === 404) throw imageMissing(engine.target, request.Image ?? '', because);
  const existing = status === 409 ? await inspectContainer(engine, name) : undefined;
  if (existing === undefined) throw refused(engine.target, doing, answer.refusal);
  return { outcome: 'exists', id: existing.id };
}

export async function startContainer(engine: Engine, id: string): Promise<'started' | 'already-running' | 'gone'> {
  const doing = `start container ${short(id)}`;
  const answer = await engine.attempt({
    doing,
    use: (docker, abortSignal) => docker.getContainer(id).start({ abortSignal }),
  });
  if (answer.state === 'answered') return 'started';
  if (answer.refusal.status === 304) return 'already-running';
  // The message of a missing program or mount source has status 404 or 400 too, and is no late call.
  if (answer.refusal.status === 404 && /no such container/i.test(answer.refusal.because)) return 'gone';
  throw refused(engine.target, doing, answer.refusal);
}

export async function removeContainer(
  engine: Engine,
  id: string,
  which: 'stopped only' | 'running too',
): Promise<'removed' | 'being-removed' | 'gone'> {
  const doing = `remove container ${short(id)}`;
  const answer = await engine.attempt({
    doing,
    use: (docker, abortSignal) =>
      docker.getContainer(id).remove({ v: true, force: which === 'running too', abortSignal }),
  });
  if (answer.state === 'answered') return 'removed';
  const { status, because } = answer.refusal;
  if (status === 404) return 'gone';
  if (status === 409 && /already in progress/i.test(because)) return 'being-removed';
  throw refused(engine.target, doing, answer.refusal);
}

export async function lastLines(engine: Engine, id: string, lines: number): Promise<string[]> {
  const doing = `read the log of container ${short(id)}`;
  const answer = await engine.attempt({
    doing,
    repeat: 'when the channel broke',
    use: (docker, abortSignal) =>
      docker.getContainer(id).logs({ stdout: true, stderr: true, tail: lines, abortSignal }),
  });
  if (answer.state === 'answered') return logLines(asBuffer(answer.value)).slice(-lines);
  if (answer.refusal.status === 404) return [];
  throw refused(engine.target, doing, answer.refusal);
}

/** docker-modem gives an empty log as an empty string. */
function asBuffer(bytes: Buffer | string | Readable): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(typeof bytes === 'string' ? bytes : '');
}

async function dockerFacts(engine: Engine): Promise<DockerFacts> {
  const ask = { repeat: 'when the channel broke' } as const;
  const version = await engine.call({
    ...ask,
    doing: 'tell its version',
    use: (docker, abortSignal) => (docker as Abortable).version({ abortSignal }),
  });
  const before = Date.now();
  const found = await engine.call({
    ...ask,
    doing: 'tell about itself',
    use: (docker, abortSignal) => (docker as Abortable).info({ abortSignal }) as Promise<EngineFacts>,
  });
  const after = Date.now();
  return {
    version: version.Version,
    apiVersion: version.ApiVersion,
    cgroupDriver: found.CgroupDriver,
    cgroupVersion: found.CgroupVersion ?? '1',
    storageDriver: found.Driver,
    rootDirectory: found.DockerRootDir,
    kernel: found.KernelVersion,
    operatingSystem: found.OperatingSystem,
    processors: found.NCPU,
    memoryBytes: found.MemTotal,
    clockOffset: {
      milliseconds: Math.round(Date.parse(found.SystemTime) - (before + after) / 2),
      uncertainty: Math.ceil((after - before) / 2),
    },
  };
}

/** dockerode's types know the signal for some calls only; all of them take it. */
type Abortable = Docker & {
  version(options: { abortSignal: AbortSignal }): Promise<Docker.DockerVersion>;
  info(options: { abortSignal: AbortSignal }): Promise<unknown>;
};

/** The part of `docker info` that we read; dockerode has no type for it. */
interface EngineFacts {
  CgroupDriver: string;
  CgroupVersion?: string;
  Driver: string;
  DockerRootDir: string;
  KernelVersion: string;
  OperatingSystem: string;
  NCPU: number;
  MemTotal: number;
  /** RFC 3339 with nanoseconds. */
  SystemTime: string;
}

/** An id as Docker prints it; a name stays as it is. */
function short(idOrName: string): string {
  return /^[0-9a-f]{64}$/.test(idOrName) ? idOrName.slice(0, 12) : idOrName;
}
