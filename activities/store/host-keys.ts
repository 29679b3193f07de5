import { z } from 'zod';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';
import { readValue } from './value.ts';

/** SSH host keys pinned on first contact or accepted by a person, by node address. */
export interface HostKeys {
  get(cluster: string, address: string): Promise<string | undefined>;
  /** Pins a key unless one is pinned, and returns the one that is: compare it with the key that was seen. */
  pin(cluster: string, address: string, key: string): Promise<string>;
  /** A person says which key is right from now on; returns the one that was. */
  accept(cluster: string, address: string, accepted: { key: string; by: string }): Promise<string | undefined>;
}

/** `by`: the person who accepted it; absent where it was pinned on first contact. */
const pinnedSchema = z.object({ key: z.string().min(1), at: z.iso.datetime(), by: z.string().exactOptional() });

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
    async accept(cluster, address, accepted) {
      const was = await get(cluster, address);
      const value = JSON.stringify({ ...accepted, at: now().toISOString() });
      await connection.write((client) => client.put(clusterKeys(cluster).hostKey(address)).value(value).exec());
      return was;
    },
  };
}
