import { servingApiServers } from '../model/serving.ts';
import { violate, type Host, type World } from '../model/world.ts';
import { loadedBy } from './life.ts';
import { readerOf, sayValue } from './stored-values.ts';
import type { StoredValue, Truth } from './truth.ts';

/** P8: every stored Secret can be read by every API server that serves, but for those that a person has said not to wait for. */
export function checkDecryption(world: World, truth: Truth): void {
  for (const host of servingApiServers(world)) {
    if (world.leftOut.has(host.name)) continue;
    for (const [key, value] of truth.secrets)
      if (!canRead(truth, host, value))
        return violate(
          world,
          'P8',
          `the API server on ${host.name} can't read ${key}: it has ${loadedBy(host)?.ciphers?.join()}, and that was written with ${sayValue(value)}`,
        );
  }
}

function canRead({ vault }: Truth, host: Host, value: StoredValue): boolean {
  const ciphers = loadedBy(host)?.ciphers;
  if (ciphers === undefined) return true;
  const lost = value.provider === 'kms' && value.wrappedBy < vault.transit.oldest;
  return !lost && ciphers.includes(readerOf(value));
}

/** Once the key was changed nothing is left that was written with another one, and no API server could read it. */
export function whyOldKeysRemain(world: World, { secrets }: Truth): string | undefined {
  const { encryption } = world.records;
  if (encryption === undefined || encryption.change !== undefined) return 'the key is being changed still';
  const [writes = ''] = encryption.settled;
  const stale = [...secrets].find(([, value]) => sayWriter(value) !== writes);
  return stale && `${stale[0]} was written with ${sayValue(stale[1])}, and ${writes} is in force`;
}

const sayWriter = (value: StoredValue): string => (value.provider === 'kms' ? `kms v${value.named}` : readerOf(value));
