import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { CkeError } from '../../cluster/errors.ts';
import { ChannelAgent } from './channel-agent.ts';
import type { NodeConnection } from './connection.ts';
import { DeadlineExceeded, within } from './deadlines.ts';
import type { Deadlines } from './deadlines.ts';
import { asError } from './dial.ts';
import { dockerFailed, unreachable } from './node-errors.ts';
import type { NodeTarget } from './target.ts';

export interface Call<T> {
  /** Completes "Docker could not …". */
  doing: string;
  use: (docker: Docker, signal: AbortSignal) => Promise<T>;
  /** Milliseconds for the whole call; an ordinary one's unless given. */
  milliseconds?: number;
  /** Cancels from outside. */
  signal?: AbortSignal;
  /** A call without effect is asked again when the channel broke under it. */
  repeat?: 'never' | 'when the channel broke';
  /** `stream` for answers that come for as long as the call lives. */
  channel?: 'call' | 'stream';
}

/** Docker's own refusal of a call: status and sentence. Never leaves this room as it is. */
export interface Refusal {
  status: number;
  because: string;
}

export type Answer<T> = { state: 'answered'; value: T } | { state: 'refused'; refusal: Refusal };

/** The one place where dockerode is called: deadlines, cancellation and errors are the same for all calls. */
export interface Engine {
  readonly target: NodeTarget;
  readonly deadlines: Deadlines;
  /** Refusals with a status of its own are an answer: the caller knows which are harmless. Throws CkeError. */
  attempt: <T>(call: Call<T>) => Promise<Answer<T>>;
  /** As `attempt`, but any refusal is a CkeError DockerFailed. */
  call: <T>(call: Call<T>) => Promise<T>;
  close: () => void;
}

/** Docker's engine behind a connection. At most 8 channels: six for calls, two for streams. */
export function createEngine(connection: NodeConnection, deadlines: Deadlines): Engine {
  const { target } = connection;
  const open = () => connection.openDocker();
  const agents = { call: new ChannelAgent({ channels: 6, open }), stream: new ChannelAgent({ channels: 2, open }) };
  const clients = { call: client(agents.call), stream: client(agents.stream) };

  const attempt = async <T>(call: Call<T>): Promise<Answer<T>> => {
    const docker = clients[call.channel ?? 'call'];
    try {
      return { state: 'answered', value: await once(call, docker, deadlines) };
    } catch (error) {
      if (call.repeat !== 'when the channel broke' || !isBroken(error))
        return await refusalOrThrow(connection, call, error);
      await sleep(50);
    }
    try {
      return { state: 'answered', value: await once(call, docker, deadlines) };
    } catch (error) {
      return await refusalOrThrow(connection, call, error);
    }
  };

  return {
    target,
    deadlines,
    attempt,
    call: async (call) => {
      const answer = await attempt(call);
      if (answer.state === 'answered') return answer.value;
      throw refused(target, call.doing, answer.refusal);
    },
    close: () => {
      agents.call.destroy();
      agents.stream.destroy();
    },
  };
}

/** A refusal as an error for people. */
export function refused(target: NodeTarget, doing: string, { status, because }: Refusal): CkeError {
  return dockerFailed(target, doing, `${because} (HTTP ${status})`);
}

function client(agent: ChannelAgent): Docker {
  // Everything is named, so that DOCKER_HOST and its relatives in our environment change nothing.
  const options: Docker.DockerOptions & { agent: ChannelAgent } = {
    protocol: 'http',
    host: 'docker.invalid',
    port: 80,
    agent,
    timeout: 0,
    headers: {},
  };
  return new Docker(options);
}

async function once<T>({ use, milliseconds, signal }: Call<T>, docker: Docker, deadlines: Deadlines): Promise<T> {
  const limit = milliseconds ?? deadlines.call;
  const own = new AbortController();
  const either = signal === undefined ? own.signal : AbortSignal.any([own.signal, signal]);
  try {
    return await within(limit, use(docker, either));
  } catch (error) {
    own.abort();
    throw error;
  }
}

function isBroken(error: unknown): boolean {
  if (error instanceof CkeError || error instanceof DeadlineExceeded) return false;
  return statusOf(error) === undefined && /ECONNRESET|EPIPE|socket hang up|aborted/i.test(asError(error).message);
}

async function refusalOrThrow<T>(
  connection: NodeConnection,
  { doing, signal }: Call<T>,
  error: unknown,
): Promise<Answer<T>> {
  const { target } = connection;
  if (error instanceof CkeError) throw error;
  const status = statusOf(error);
  if (status !== undefined) return { state: 'refused', refusal: { status, because: sentence(error) } };
  if (signal?.aborted === true) throw signal.reason;
  // Is it Docker that does not answer, or the whole node?
  if (error instanceof DeadlineExceeded && !(await connection.isAnswering())) throw unreachable(target, error.message);
  if (isBroken(error) && !connection.isOpen())
    throw unreachable(target, `the connection broke while Docker was to ${doing}`);
  throw dockerFailed(target, doing, isBroken(error) ? 'it closed the connection' : asError(error).message);
}

/** docker-modem's errors about an answer have its status. */
function statusOf(error: unknown): number | undefined {
  const has = typeof error === 'object' && error !== null && 'statusCode' in error;
  return has && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** Docker's own sentence, without docker-modem's preface. */
function sentence(error: unknown): string {
  return asError(error)
    .message.replace(/^\(HTTP code \d+\) .*? - /, '')
    .trim();
}
