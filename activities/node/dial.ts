import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client } from 'ssh2';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import type { CkeError } from '../../cluster/errors.ts';
import type { Deadlines } from './deadlines.ts';
import { acceptsHostKey, describePolicy, fingerprintOf, hostKeyAlgorithms } from './host-key.ts';
import type { HostKeyPolicy } from './host-key.ts';
import { authenticationRefused, hostKeyChanged, unreachable } from './node-errors.ts';
import type { NodeTarget } from './target.ts';

export interface DialOptions {
  target: NodeTarget;
  privateKey: string;
  policy: HostKeyPolicy;
  deadlines: Deadlines;
  /** Makes the byte stream to the server; called once per handshake. */
  stream: () => Promise<Duplex>;
}

export interface Dialled {
  client: Client;
  /** The key that the server proved to have, as it is on the wire. */
  hostKey: Buffer;
}

/** Seconds without an answer until the connection counts as lost: interval × count. */
const keepalive = { keepaliveInterval: 5_000, keepaliveCountMax: 3 };

/**
 * Logs in to a server whose host key satisfies the policy; with another key nothing is sent but the key exchange.
 * Throws CkeError NodeUnreachable, NodeAuthentication or NodeHostKeyChanged.
 */
export async function dial(options: DialOptions): Promise<Dialled> {
  const { target, policy } = options;
  const seen: string[] = [];
  for (const algorithms of hostKeyAlgorithms(policy)) {
    const result = await handshake(options, algorithms, await options.stream());
    if ('client' in result) return result;
    if (result.other !== undefined) seen.push(result.other);
  }
  const want = describePolicy(policy);
  throw hostKeyChanged(target, { got: seen.join(', ') || 'no host key of the known type', want });
}

type Handshake = Dialled | { other: string | undefined };

function handshake(
  { target, privateKey, policy, deadlines }: DialOptions,
  algorithms: ServerHostKeyAlgorithm[],
  sock: Duplex,
): Promise<Handshake> {
  const client = new Client();
  let hostKey: Buffer | undefined;
  return new Promise<Handshake>((resolve, reject) => {
    const fail = (error: Error & { level?: string }) => {
      client.destroy();
      sock.destroy();
      if (hostKey !== undefined && !acceptsHostKey(policy, hostKey)) resolve({ other: fingerprintOf(hostKey) });
      else if (/no matching host key/.test(error.message)) resolve({ other: undefined });
      else reject(loginError(target, error));
    };
    client.on('error', fail);
    client.on('close', () => fail(new Error('the connection was closed during the SSH handshake')));
    client.on('ready', () => {
      if (hostKey === undefined) return fail(new Error('the server showed no host key'));
      client.removeAllListeners('close');
      resolve({ client, hostKey });
    });
    try {
      client.connect({
        sock,
        username: target.user,
        privateKey,
        authHandler: ['publickey'],
        readyTimeout: deadlines.handshake,
        ...keepalive,
        algorithms: { serverHostKey: algorithms, hmac: strongMacs },
        hostVerifier: (key: Buffer) => {
          hostKey = key;
          return acceptsHostKey(policy, key);
        },
      });
    } catch (error) {
      fail(Object.assign(asError(error), { level: 'private-key' }));
    }
  });
}

/** ssh2's own list still has one that is built on SHA-1. */
const strongMacs = [
  'hmac-sha2-256-etm@openssh.com' as const,
  'hmac-sha2-512-etm@openssh.com' as const,
  'hmac-sha2-256' as const,
  'hmac-sha2-512' as const,
];

function loginError(target: NodeTarget, error: Error & { level?: string }): CkeError {
  if (error.level === 'client-authentication') return authenticationRefused(target, 'permission denied (publickey)');
  if (error.level === 'private-key')
    return authenticationRefused(target, 'the SSH private key in Vault cannot be used');
  return unreachable(target, error.message);
}

/** A TCP connection without Nagle's delay. Throws CkeError NodeUnreachable. */
export function openTcp(target: NodeTarget, deadlines: Deadlines): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: target.address, port: target.port, noDelay: true });
    const timer = setTimeout(() => fail(`no TCP connection within ${deadlines.connect / 1000} s`), deadlines.connect);
    const fail = (got: string) => {
      clearTimeout(timer);
      socket.destroy();
      reject(unreachable(target, got));
    };
    socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      // ssh2 listens on its own; an error in between must not end the process.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
