import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { ChannelSocket } from './channel-socket.ts';
import { askNothing, execute, openChannel } from './channels.ts';
import type { Ask, Opened } from './channels.ts';
import type { Deadlines } from './deadlines.ts';
import { diagnose, diagnosticCommand, dockerSocketPath } from './diagnosis.ts';
import { asError, openTcp } from './dial.ts';
import { checkKey, login } from './login.ts';
import type { ConnectionPorts, Login } from './login.ts';
import { nodeError, unreachable } from './node-errors.ts';
import type { NodeTarget } from './target.ts';

export interface ConnectionOptions extends ConnectionPorts {
  target: NodeTarget;
  deadlines: Deadlines;
  /** The connection to go through. */
  bastion?: NodeConnection;
}

/** One SSH connection to one server: dialled on first use, shared by all callers, dialled again after it was lost. */
export interface NodeConnection {
  readonly target: NodeTarget;
  /** A byte stream to the Docker socket. Throws CkeError NodeUnreachable, NodeAuthentication, NodeHostKeyChanged, DockerMissing, DockerDenied or DockerForwardingOff. */
  openDocker: () => Promise<Duplex>;
  /** A byte stream to a TCP port as the server sees it. Throws CkeError as `openDocker`, and NodeUnreachable when nobody listens. */
  openPort: (address: string, port: number) => Promise<Duplex>;
  /** What a command prints that is ours and needs no answer; see `authorized-keys.ts`. Throws CkeError as a login does. */
  run: (command: string) => Promise<string>;
  /** Whether a live connection stands at the moment. */
  isOpen: () => boolean;
  /** Whether the server still answers on the standing connection; one that does not is dropped, long before keepalive notices. */
  isAnswering: () => Promise<boolean>;
  close: () => void;
}

/** A connection that is not dialled yet. */
export function createConnection(options: ConnectionOptions): NodeConnection {
  const { target, deadlines, bastion } = options;
  const stream = () => (bastion ? bastion.openPort(target.address, target.port) : openTcp(target, deadlines));
  let dialling: Promise<Login> | undefined;
  let live: Login | undefined;
  let failure: Failure | undefined;

  const drop = (dead: Login) => {
    dead.client.destroy();
    if (live !== dead) return;
    live = undefined;
    dialling = undefined;
  };

  const dialOnce = async (): Promise<Login> => {
    const fresh = await login(options, stream);
    const lost = () => drop(fresh);
    fresh.client.on('close', lost).on('error', lost).on('end', lost);
    live = fresh;
    return fresh;
  };

  const connected = async (): Promise<Login> => {
    dialling ??= dialOnce();
    const mine = dialling;
    mine.then(
      () => (failure = undefined),
      (error: unknown) => {
        failure = { error, at: Date.now() };
        if (dialling === mine) dialling = undefined;
      },
    );
    const found = await (isFresh(failure) ? soonOr(mine, failure.error) : mine);
    checkKey(found, options, () => drop(found));
    return found;
  };

  /** Opens a channel; a connection that turns out to be lost is dialled anew, once. */
  const channel = async (ask: Ask): Promise<Opened> => {
    const standing = await connected();
    const first = await openChannel(standing.client, ask, deadlines.channel);
    if (first.outcome !== 'lost') return first;
    drop(standing);
    const fresh = await connected();
    const second = await openChannel(fresh.client, ask, deadlines.channel);
    if (second.outcome === 'lost') drop(fresh);
    return second;
  };

  const opened = async (
    ask: Ask,
  ): Promise<{ client: Client; stream: Duplex } | { client: Client; refusal: string }> => {
    const result = await channel(ask);
    if (result.outcome === 'open') return { client: result.client, stream: new ChannelSocket(result.channel) };
    if (result.outcome === 'refused') return { client: result.client, refusal: result.because };
    throw unreachable(target, result.because);
  };

  return {
    target,
    isOpen: () => live !== undefined,
    isAnswering: async () => {
      const asked = live;
      if (asked === undefined) return false;
      const answer = await openChannel(asked.client, askNothing, Math.min(deadlines.channel, answerMilliseconds));
      if (answer.outcome !== 'lost') return true;
      drop(asked);
      failure = { error: unreachable(target, answer.because), at: Date.now() };
      return false;
    },
    close: () => {
      dialling?.then(drop).catch(() => undefined);
      dialling = undefined;
    },
    run: async (command) => {
      const { client } = await connected();
      try {
        return await execute(client, command, deadlines);
      } catch (error) {
        throw unreachable(target, asError(error).message);
      }
    },
    openDocker: async () => {
      const result = await opened((client, done) => client.openssh_forwardOutStreamLocal(dockerSocketPath, done));
      if ('stream' in result) return result.stream;
      const said = await execute(result.client, diagnosticCommand, deadlines).catch(() => '');
      throw diagnose(target, said, result.refusal);
    },
    openPort: async (address, port) => {
      const result = await opened((client, done) => client.forwardOut('127.0.0.1', 0, address, port, done));
      if ('stream' in result) return result.stream;
      throw nodeError(target, {
        code: 'NodeUnreachable',
        sentence: `${address} port ${port} cannot be reached through it`,
        got: result.refusal,
        want: 'a server listening there, and AllowTcpForwarding yes in sshd_config',
      });
    },
  };
}

/** How long a server may take to refuse, when it is asked whether it is there. */
const answerMilliseconds = 2_000;

interface Failure {
  error: unknown;
  /** Milliseconds since 1970. */
  at: number;
}

/** A server that did not answer is dialled again in the background: callers hear of it at once, and need not wait out the deadline. */
const failureMilliseconds = 60_000;
const patienceMilliseconds = 300;

function isFresh(failure: Failure | undefined): failure is Failure {
  return failure !== undefined && Date.now() - failure.at < failureMilliseconds;
}

function soonOr(dialling: Promise<Login>, known: unknown): Promise<Login> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(known), patienceMilliseconds);
    dialling.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
