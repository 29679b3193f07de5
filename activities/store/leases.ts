import { z } from 'zod';
import { CkeError } from '../../cluster/errors.ts';
import type { NodeLease } from '../../cluster/observation.ts';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';
import { readValue } from './value.ts';

/** Who works on a single node: reconcile begins nothing there from its next look on, until the lease is given back. */
export interface Leases {
  get(cluster: string, node: string): Promise<NodeLease | undefined>;
  /**
   * Compare and swap: one holder at a time; the same one asks again without harm.
   * @throws CkeError StoreConflict, which names the holder
   */
  grant(cluster: string, node: string, wish: { holder: string; because: string }): Promise<NodeLease>;
  /** Returns the lease that ended; undefined when there was none. */
  release(cluster: string, node: string): Promise<NodeLease | undefined>;
}

export const leaseSchema = z.object({ holder: z.string().min(1), because: z.string(), at: z.iso.datetime() });

export function storeLeases(connection: StoreConnection, now: () => Date): Leases {
  const get = async (cluster: string, node: string) =>
    (await readValue(connection, clusterKeys(cluster).lease(node), leaseSchema))?.value;
  return {
    get,
    async grant(cluster, node, { holder, because }) {
      const key = clusterKeys(cluster).lease(node);
      const value = JSON.stringify({ holder, because, at: now().toISOString() });
      await connection.commit((client) => client.if(key, 'Create', '==', 0).then(client.put(key).value(value)));
      const standing = await get(cluster, node);
      if (standing?.holder === holder) return standing;
      throw new CkeError({
        code: 'StoreConflict',
        message: `${node} is in the hands of ${standing?.holder ?? 'somebody else'}`,
        node,
        ...(standing && { got: `since ${standing.at}: ${standing.because}` }),
        fix: `cke-client resume --node ${node}, when that is over`,
        remedy: 'never',
      });
    },
    async release(cluster, node) {
      const key = clusterKeys(cluster).lease(node);
      const standing = await get(cluster, node);
      await connection.commit((client) => client.if(key, 'Create', '!=', 0).then(client.delete().key(key)));
      return standing;
    },
  };
}
