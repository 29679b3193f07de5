import { z } from 'zod';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';
import { readValue } from './value.ts';

/** SSH host keys pinned on first contact, by node address. */
export interface HostKeys {
  get(cluster: string, address: string): Promise<string | undefined>;
  /** Pins a key unless one is pinned, and returns the one that is: compare it with the key that was seen. */
  pin(cluster: string, address: string, key: string): Promise<string>;
  /** Forgets a key, when its node leaves the declaration or a person said that the machine was replaced. */
  forget(cluster: string, address: string): Promise<void>;
}

const pinnedSchema = z.object({ key: z.string().min(1), at: z.iso.datetime() });

export function storeHostKeys(connection: StoreConnection, now: () => Date): HostKeys {
  const get = async (cluster: string, address: string) =>
    (await readValue(connection, clusterKeys(cluster).hostKey(address), pinnedSchema))?.value.key;
  return {
    get,
    async pin(cluster, address, key) {
      const at = clusterKeys(cluster).hostKey(address);
      const pinned = JSON.stringify({ key, at: now().toISOString() });
      await connection.commit((client) => client.if(at, 'Create', '==', 0).then(client.put(at).value(pinned)));
      return (await get(cluster, address)) ?? key;
    },
    async forget(cluster, address) {
      const at = clusterKeys(cluster).hostKey(address);
      await connection.commit((client) => client.if(at, 'Create', '!=', 0).then(client.delete().key(at)));
    },
  };
}
