import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { ChannelSocket } from './channel-socket.ts';
import { within } from './deadlines.ts';
import type { Deadlines } from './deadlines.ts';
import { diagnose, diagnosticCommand, dockerSocketPath } from './diagnosis.ts';
import { asError, dial, openTcp } from './dial.ts';
import { acceptsHostKey, describePolicy, fingerprintOf, hostKeyPolicy, publicKeyLine } from './host-key.ts';
import { hostKeyChanged, nodeError, unreachable } from './node-errors.ts';
import type { NodeTarget } from './target.ts';

/** What a connection needs from elsewhere. */
export interface ConnectionPorts {
  /** The cluster's SSH private key for this address, PEM or OpenSSH. Its errors go to the caller as they are. */
  privateKey: (cluster: string, address: string) => Promise<string>;
  hostKeys: {
    /** The public key line that was pinned for this address, if one was. */
    get: (cluster: string, address: string) => Promise<string | undefined>;
    /** Pins unless something is pinned already; returns what is pinned now. */
    pin: (cluster: string, address: string, publicKey: string) => Promise<string>;
  };
}

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
  /** Whether a live connection stands at the moment. */
  isOpen: () => boolean;
  /** Whether the server still answers on the standing connection; one that does not is dropped, long before keepalive notices. */
  isAnswering: () => Promise<boolean>;
  close: () => void;
}

/** How often a standing connection asks whether the private key is still the same. */
const keyCheckMilliseconds = 5 * 60_000;

/** How long a server may take to refuse, when it is asked whether it is there. */
const answerMilliseconds = 2_000;

interface Live {
  client: Client;
  keyDigest: string;
  checkedAt: number;
}

/** A connection that is not dialled yet. */
export function createConnection(options: ConnectionOptions): NodeConnection {
  const { target, deadlines } = options;
  let dialling: Promise<Live> | undefined;
  let live: Live | undefined;
  let failure: Failure | undefined;

  const drop = (dead: Live) => {
    dead.client.destroy();
    if (live !== dead) return;
    live = undefined;
    dialling = undefined;
  };

  const dialOnce = async (): Promise<Live> => {
    const fresh = await login(options);
    const lost = () => drop(fresh);
    fresh.client.on('close', lost).on('error', lost).on('end', lost);
    live = fresh;
    return fresh;
  };

  const connected = async (): Promise<Live> => {
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
    const first = await openChannel(standing, ask, deadlines.channel);
    if (first.outcome !== 'lost') return first;
    drop(standing);
    const fresh = await connected();
    const second = await openChannel(fresh, ask, deadlines.channel);
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
      // sshd refuses to connect to a directory, by itself and at once: an answer is all we want.
      const ask: Ask = (client, done) => client.openssh_forwardOutStreamLocal('/', done);
      const { outcome } = await openChannel(asked, ask, Math.min(deadlines.channel, answerMilliseconds));
      if (outcome === 'lost') drop(asked);
      return outcome !== 'lost';
    },
    close: () => {
      dialling?.then(drop).catch(() => undefined);
      dialling = undefined;
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

async function login({ target, deadlines, bastion, privateKey, hostKeys }: ConnectionOptions): Promise<Live> {
  const known = target.hostKey ?? (await hostKeys.get(target.cluster, target.address));
  const policy = hostKeyPolicy(known);
  const key = await privateKey(target.cluster, target.address);
  const stream = () => (bastion ? bastion.openPort(target.address, target.port) : openTcp(target, deadlines));
  const { client, hostKey } = await dial({ target, privateKey: key, policy, deadlines, stream });
  if (policy.kind === 'unknown') {
    // After the login: a wrong address in the declaration then pins nothing.
    const pinned = await hostKeys
      .pin(target.cluster, target.address, publicKeyLine(hostKey))
      .catch((error: unknown) => {
        client.destroy();
        throw error;
      });
    const now = hostKeyPolicy(pinned);
    if (!acceptsHostKey(now, hostKey)) {
      client.destroy();
      throw hostKeyChanged(target, { got: fingerprintOf(hostKey), want: describePolicy(now) });
    }
  }
  return { client, keyDigest: digest(key), checkedAt: Date.now() };
}

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

function soonOr(dialling: Promise<Live>, known: unknown): Promise<Live> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(known), patienceMilliseconds);
    dialling.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Looks in the background, now and then, whether the private key was replaced; a key that cannot be read changes nothing. */
function checkKey(live: Live, { target, privateKey }: ConnectionOptions, replaced: () => void): void {
  if (Date.now() - live.checkedAt < keyCheckMilliseconds) return;
  live.checkedAt = Date.now();
  privateKey(target.cluster, target.address)
    .then((key) => digest(key) !== live.keyDigest && replaced())
    .catch(() => undefined);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

type Ask = (client: Client, done: (error: Error | undefined, channel: ClientChannel) => void) => unknown;

type Opened =
  | { outcome: 'open'; client: Client; channel: ClientChannel }
  | { outcome: 'refused'; client: Client; because: string }
  | { outcome: 'lost'; client: Client; because: string };

async function openChannel({ client }: Live, ask: Ask, milliseconds: number): Promise<Opened> {
  const answer = new Promise<Opened>((resolve) => {
    ask(client, (error, channel) => {
      if (error === undefined) resolve({ outcome: 'open', client, channel });
      else resolve({ outcome: 'reason' in error ? 'refused' : 'lost', client, because: error.message });
    });
  });
  try {
    return await within(milliseconds, answer);
  } catch (error) {
    void answer.then((late) => late.outcome === 'open' && late.channel.close()).catch(() => undefined);
    return { outcome: 'lost', client, because: asError(error).message };
  }
}

/** Runs a constant command and returns what it printed. For the diagnosis only: everything else goes through Docker's API. */
function execute(client: Client, command: string, deadlines: Deadlines): Promise<string> {
  const answer = new Promise<string>((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let text = '';
      channel.on('data', (chunk: Buffer) => (text += chunk.toString()));
      channel.stderr.resume();
      channel.on('close', () => resolve(text));
    });
  });
  return within(deadlines.channel, answer);
}
