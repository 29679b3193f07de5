import { kmsServerCipher } from '../../../cluster/encryption/cipher.ts';
import { servingApiServers } from '../model/serving.ts';
import type { Host, World } from '../model/world.ts';
import { pick } from '../schedules.ts';
import { notice, write } from './secrets.ts';
import type { Truth } from './truth.ts';

/** Seconds for which a token is used: less than the overlap of the two keys that the model declares. */
const tokenSeconds = 60;

/** Seconds in which an API server asks its plugin once, on average. */
const askingSeconds = 8;

/** One second of whoever uses the cluster: Secrets are written all the time, and tokens signed and used. */
export function live(world: World, truth: Truth): void {
  truth.tokens = truth.tokens.filter(({ until }) => until > world.now);
  const keys = [...truth.secrets.keys()];
  for (const host of servingApiServers(world)) {
    if (world.random() * askingSeconds < 1) notice(world, truth, host);
    if (world.random() < 0.5) write(world, truth, host, pick(keys, Math.floor(world.random() * 64)));
    const [signer] = loadedBy(host)?.tokens.signs ?? [];
    if (signer !== undefined && !truth.tokens.some(({ key, until }) => key === signer && until > world.now + 50))
      truth.tokens.push({ key: signer, until: world.now + tokenSeconds });
  }
}

export const loadedBy = (host: Host) => host.containers.get('kube-apiserver')?.loaded;

export const readsByPlugin = (host: Host): boolean => loadedBy(host)?.ciphers?.includes(kmsServerCipher) ?? false;
