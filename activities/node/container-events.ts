import type Docker from 'dockerode';
import { z } from 'zod';
import { within } from './deadlines.ts';
import type { Engine } from './engine.ts';
import { destroyable, readJsonLines } from './json-lines.ts';
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

export interface FollowEvents {
  /** Ends the stream; the call then returns. */
  signal: AbortSignal;
  onEvent: (event: ContainerEvent) => void;
  /** Called once when the stream stands: what happens from here on is seen. Look at the list after it. */
  onOpen?: () => void;
}

/** Longer than any stream lives: a timer can wait no longer. */
const forever = 2 ** 31 - 1;

/** Follows Docker's events. Returns when the signal ends it; throws CkeError NodeUnreachable or DockerFailed when the stream ends by itself. */
export async function followEvents(engine: Engine, { signal, onEvent, onOpen }: FollowEvents): Promise<void> {
  if (signal.aborted) return;
  const doing = 'tell what happens to containers';
  const follow = engine.call({
    doing,
    channel: 'stream',
    milliseconds: forever,
    signal,
    use: async (docker, abortSignal) => {
      const options: Docker.GetEventsOptions & { abortSignal: AbortSignal } = {
        filters: { type: ['container'], event: [...actions], container: [...containerNames] },
        abortSignal,
      };
      const stream = destroyable(await within(engine.deadlines.call, docker.getEvents(options)));
      onOpen?.();
      const end = () => stream.destroy();
      abortSignal.addEventListener('abort', end, { once: true });
      await readJsonLines(stream, { onLine: told(onEvent) }).finally(() =>
        abortSignal.removeEventListener('abort', end),
      );
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

function told(onEvent: FollowEvents['onEvent']): (line: unknown) => void {
  return (line) => {
    const event = readEvent(line);
    if (event !== undefined) onEvent(event);
  };
}

const eventSchema = z.object({
  Action: z.enum(actions),
  Actor: z.object({ ID: z.string(), Attributes: z.looseObject({ name: z.string(), exitCode: z.string().optional() }) }),
  timeNano: z.number(),
});

/** One line of Docker's event stream, or undefined for what we don't know. */
export function readEvent(line: unknown): ContainerEvent | undefined {
  const parsed = eventSchema.safeParse(line);
  if (!parsed.success) return undefined;
  const { Action, Actor, timeNano } = parsed.data;
  const { name, exitCode } = Actor.Attributes;
  return {
    action: Action,
    container: name,
    id: Actor.ID,
    ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
    at: new Date(timeNano / 1e6).toISOString(),
  };
}
