import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { endedSeconds, exitCodeOf, stateOf, upSeconds } from './container-status.ts';
import type { InspectedContainer, ListedContainer } from './docker.ts';
import { refused } from './engine.ts';
import type { Engine } from './engine.ts';
import { logLines } from './log-frames.ts';
import { imageMissing } from './node-errors.ts';
import { containerNames } from './our-names.ts';

/** The calls about containers, for components and for our own short-lived ones alike. All throw CkeError as NodeDocker does. */
export async function listContainers(engine: Engine): Promise<ListedContainer[]> {
  const filters = { name: containerNames.map((name) => `^/?${name}$`) };
  const found = await engine.call({
    doing: 'list containers',
    milliseconds: engine.deadlines.list,
    repeat: 'when the channel broke',
    use: (docker, abortSignal) => docker.listContainers({ all: true, filters, abortSignal }),
  });
  return found.map(({ Id, Names, Image, Labels, State, Status }) => {
    const exitCode = exitCodeOf(Status);
    const ended = endedSeconds(Status);
    return {
      id: Id,
      name: (Names[0] ?? '').replace(/^\//, ''),
      image: Image,
      labels: Labels,
      state: stateOf(State),
      upSeconds: upSeconds(Status),
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(ended === undefined ? {} : { endedSeconds: ended }),
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
    state: stateOf(State.Status),
    ...(State.StartedAt.startsWith('0001') ? {} : { startedAt: State.StartedAt }),
    exitCode: State.ExitCode,
    restarts: RestartCount,
    ...(State.Error === '' ? {} : { startFailure: State.Error }),
  };
}

/** Names are unique on a node: the container that has the name already is returned as `exists`. Throws ImageMissing too. */
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

export async function stopContainer(
  engine: Engine,
  id: string,
  graceSeconds: number,
): Promise<'stopped' | 'already-stopped' | 'gone'> {
  const doing = `stop container ${short(id)}`;
  const answer = await engine.attempt({
    doing,
    milliseconds: graceSeconds * 1000 + engine.deadlines.call,
    use: (docker, abortSignal) => docker.getContainer(id).stop({ t: graceSeconds, abortSignal }),
  });
  if (answer.state === 'answered') return 'stopped';
  if (answer.refusal.status === 304) return 'already-stopped';
  if (answer.refusal.status === 404) return 'gone';
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

/** Waits for the end of a container and returns its exit code. */
export async function awaitContainer(engine: Engine, id: string, milliseconds: number): Promise<number> {
  const { StatusCode } = await engine.call<{ StatusCode: number }>({
    doing: `wait for container ${short(id)}`,
    milliseconds,
    use: (docker, abortSignal) => docker.getContainer(id).wait({ abortSignal }),
  });
  return StatusCode;
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

/** An id as Docker prints it; a name stays as it is. */
function short(idOrName: string): string {
  return /^[0-9a-f]{64}$/.test(idOrName) ? idOrName.slice(0, 12) : idOrName;
}
