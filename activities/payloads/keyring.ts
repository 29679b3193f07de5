import { CkeError } from '../../cluster/errors.ts';
import type { PayloadKeys } from './key-file.ts';
import type { PayloadKey } from './sealed.ts';

/** The keys of a namespace as one process knows them. */
export interface PayloadKeyring {
  /** The key to encrypt with. */
  current(): Promise<PayloadKey>;
  /** The key of that id, old ones included. */
  named(id: string): Promise<PayloadKey>;
}

export interface KeyringPorts {
  /** This machine's copy; undefined before the first init. */
  fromFile: () => Promise<PayloadKeys | undefined>;
  /** Vault's, which count; undefined where this machine may not ask. */
  fromVault: () => Promise<PayloadKeys | undefined>;
  toFile: (keys: PayloadKeys) => Promise<void>;
  now?: () => number;
}

/** After so long the file is read again: init or a rotation may have written a new one. */
const freshMilliseconds = 30_000;

/**
 * Keys are taken from this machine's copy, so that a worker and `status` go on while Vault is sealed, and from Vault where the copy lacks
 * one. Throws CkeError NotInitialised, and Vault… when Vault has to be asked.
 */
export function createPayloadKeyring({ fromFile, fromVault, toFile, now = Date.now }: KeyringPorts): PayloadKeyring {
  let held: { keys: Promise<PayloadKeys | undefined>; until: number } | undefined;

  const local = (): Promise<PayloadKeys | undefined> => {
    if (held === undefined || held.until < now()) {
      const fresh = { keys: fromFile(), until: now() + freshMilliseconds };
      held = fresh;
      fresh.keys.then(
        (keys) => keys === undefined && held === fresh && (held = undefined),
        () => held === fresh && (held = undefined),
      );
    }
    return held.keys;
  };

  /** One question to Vault for all who wait; its answer is kept. */
  let asking: Promise<PayloadKeys | undefined> | undefined;
  const refreshed = (): Promise<PayloadKeys | undefined> => {
    asking ??= (async () => {
      const keys = await fromVault();
      if (keys === undefined) return undefined;
      await toFile(keys);
      held = { keys: Promise.resolve(keys), until: now() + freshMilliseconds };
      return keys;
    })().finally(() => (asking = undefined));
    return asking;
  };

  return {
    async current() {
      const keys = (await local()) ?? (await refreshed());
      const found = keys === undefined ? undefined : keyOf(keys, keys.current);
      if (found === undefined) throw noKey('there is none yet');
      return found;
    },
    async named(id) {
      const known = await local();
      const found = (known && keyOf(known, id)) ?? keyOf(await refreshed(), id);
      if (found === undefined) throw noKey(`neither this machine nor Vault has the key ${id.slice(0, 40)}`);
      return found;
    },
  };
}

function keyOf(keys: PayloadKeys | undefined, id: string): PayloadKey | undefined {
  const secret = keys?.keys[id];
  return secret === undefined ? undefined : { id, secret: Buffer.from(secret, 'base64') };
}

function noKey(got: string): CkeError {
  return new CkeError({
    code: 'NotInitialised',
    message: 'what goes to Temporal is encrypted, and this machine lacks the key',
    got,
    fix: 'VAULT_TOKEN=… cke-client init CLUSTER on this machine, for any cluster',
    remedy: 'retry',
  });
}
