import { z } from 'zod';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';
import { readValue } from './value.ts';

export interface Pause {
  by: string;
  because: string;
  /** RFC 3339. */
  at: string;
}

/** A person's order to leave a cluster alone; it outlives workflows (rule E-07). */
export interface Pauses {
  get(cluster: string): Promise<Pause | undefined>;
  /** Keeps the first pause when there is one: who paused it is not overwritten. Returns what stands there. */
  set(cluster: string, pause: { by: string; because: string }): Promise<Pause>;
  clear(cluster: string): Promise<void>;
}

const pauseSchema = z.object({ by: z.string(), because: z.string(), at: z.iso.datetime() });

export function storePauses(connection: StoreConnection, now: () => Date): Pauses {
  const get = async (cluster: string) => (await readValue(connection, clusterKeys(cluster).pause, pauseSchema))?.value;
  return {
    get,
    async set(cluster, { by, because }) {
      const key = clusterKeys(cluster).pause;
      const pause: Pause = { by, because, at: now().toISOString() };
      await connection.commit((client) =>
        client.if(key, 'Create', '==', 0).then(client.put(key).value(JSON.stringify(pause))),
      );
      return (await get(cluster)) ?? pause;
    },
    async clear(cluster) {
      const key = clusterKeys(cluster).pause;
      await connection.commit((client) => client.if(key, 'Create', '!=', 0).then(client.delete().key(key)));
    },
  };
}
