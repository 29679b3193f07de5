import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { within } from './deadlines.ts';
import type { Engine } from './engine.ts';
import { readJsonLines } from './json-lines.ts';
import { dockerFailed } from './node-errors.ts';
import { containerNames } from './our-names.ts';

/** Something that happened to a container with one of our names. */
export interface ContainerEvent {
  action: 'create' | 'start' | 'die' | 'oom' | 'kill' | 'pause' | 'unpause' | 'destroy';
  container: string;
  id: string;
  /** Of a container that died. */
  exitCode?: number;
  /** RFC 3339. */
  at: string;
}

const actions = ['create', 'start', 'die', 'oom', 'kill', 'pause', 'unpause', 'destroy'] as const;

export interface FollowOptions {
  signal: AbortSignal;
  onEvent: (event: ContainerEvent) => void;
  onOpen?: () => void;
}

/** Longer than any stream lives: a timer can wait no longer. */
const forever = 2 ** 31 - 1;

/** Follows Docker's events. Returns when the signal ends it; throws CkeError NodeUnreachable or DockerFailed when the stream ends by itself. */
export async function ourEvents(engine: Engine, { signal, onEvent, onOpen }: FollowOptions): Promise<void> {
  if (signal.aborted) return;
  const filters = { type: ['container'], event: [...actions], container: [...containerNames] };
  const doing = 'tell what happens to containers';
  const follow = engine.call({
    doing,
    channel: 'stream',
    milliseconds: forever,
    signal,
    use: async (docker, abortSignal) => {
      const asked = docker.getEvents({
        filters,
        abortSignal,
      } as Docker.GetEventsOptions) as unknown as Promise<Readable>;
      const stream = await within(engine.deadlines.call, asked);
      onOpen?.();
      const onLine = (line: unknown) => {
        const event = readEvent(line);
        if (event !== undefined) onEvent(event);
      };
      const end = () => stream.destroy();
      abortSignal.addEventListener('abort', end, { once: true });
      await readJsonLines(stream, { onLine }).finally(() => abortSignal.removeEventListener('abort', end));
    },
  });
  try {
    await follow;
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  if (!signal.aborted) throw dockerFailed(engine.target, doing, 'it ended the stream');
}

/** One line of Docker's event stream, or undefined for what we don't know. */
export function readEvent(line: unknown): ContainerEvent | undefined {
  const { Action, Actor, timeNano } = line as RawEvent;
  const action = actions.find((known) => known === Action);
  const name = Actor?.Attributes?.['name'];
  if (action === undefined || name === undefined || Actor?.ID === undefined) return undefined;
  const exitCode = Actor.Attributes?.['exitCode'];
  return {
    action,
    container: name,
    id: Actor.ID,
    ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
    at: new Date((timeNano ?? 0) / 1e6).toISOString(),
  };
}

interface RawEvent {
  Action?: string;
  Actor?: { ID?: string; Attributes?: Record<string, string> };
  timeNano?: number;
}
