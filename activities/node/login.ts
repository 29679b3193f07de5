import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import type { Deadlines } from './deadlines.ts';
import { dial } from './dial.ts';
import { acceptsHostKey, describePolicy, fingerprintOf, hostKeyPolicy, publicKeyLine } from './host-key.ts';
import { hostKeyChanged } from './node-errors.ts';
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

export interface LoginOptions extends ConnectionPorts {
  target: NodeTarget;
  deadlines: Deadlines;
}

/** A user who is logged in. */
export interface Login {
  client: Client;
  keyDigest: string;
  /** When the private key was last compared, in milliseconds since 1970. */
  checkedAt: number;
}

/** Logs in over a stream, with the declared host key or the pinned one, or pins an unknown one. Throws CkeError as `dial`, and what the ports throw. */
export async function login(
  { target, deadlines, privateKey, hostKeys }: LoginOptions,
  stream: () => Promise<Duplex>,
): Promise<Login> {
  const known = target.hostKey ?? (await hostKeys.get(target.cluster, target.address));
  const policy = hostKeyPolicy(known);
  const key = await privateKey(target.cluster, target.address);
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

/** Looks in the background, now and then, whether the private key was replaced; a key that cannot be read changes nothing. */
export function checkKey(live: Login, { target, deadlines, privateKey }: LoginOptions, replaced: () => void): void {
  if (Date.now() - live.checkedAt < deadlines.keyCheck) return;
  live.checkedAt = Date.now();
  privateKey(target.cluster, target.address)
    .then((key) => digest(key) !== live.keyDigest && replaced())
    .catch(() => undefined);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
