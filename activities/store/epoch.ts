import { z } from 'zod';
import { CkeError } from '../../cluster/errors.ts';
import type { StoreConnection } from './connection.ts';
import { beingDestroyed, readDestruction } from './destructions.ts';
import { clusterKeys } from './keys.ts';
import { readValue } from './value.ts';

/** The fencing number of a cluster: whoever acts on its nodes took the highest one (rules E-02, E-03). */
export interface Epochs {
  /**
   * Takes the next number. From then on everyone with an older one is refused.
   * @throws CkeError StoreConflict, StoreUnavailable; ClusterDestroyed for a cluster that is being taken apart, or was
   */
  acquire(cluster: string): Promise<number>;
  /** 0 until the first was taken. */
  current(cluster: string): Promise<number>;
  /** @throws CkeError Fenced when a newer operation has taken over */
  assertCurrent(cluster: string, epoch: number): Promise<void>;
}

const epochSchema = z.int().nonnegative();
const attempts = 5;

export function storeEpochs(connection: StoreConnection): Epochs {
  const read = (cluster: string) => readValue(connection, clusterKeys(cluster).epoch, epochSchema);
  const current = async (cluster: string) => (await read(cluster))?.value ?? 0;
  return {
    async acquire(cluster) {
      const key = clusterKeys(cluster).epoch;
      for (let attempt = 0; attempt < attempts; attempt++) {
        const found = await read(cluster);
        const next = (found?.value ?? 0) + 1;
        const done = await connection.commit((client) =>
          client
            .if(key, 'Mod', '==', found?.version ?? 0)
            .and(clusterKeys(cluster).destruction, 'Create', '==', 0)
            .then(client.put(key).value(String(next))),
        );
        if (done) return next;
        const destruction = await readDestruction(connection, cluster);
        if (destruction !== undefined) throw beingDestroyed(cluster, destruction.value);
      }
      throw new CkeError({
        code: 'StoreConflict',
        message: `${cluster}: others keep taking over this cluster at the same moment`,
        got: `${attempts} attempts, each overtaken`,
        remedy: 'retry',
      });
    },
    current,
    async assertCurrent(cluster, epoch) {
      const found = await current(cluster);
      if (found !== epoch) throw fenced(cluster, epoch, found);
    },
  };
}

export function fenced(cluster: string, epoch: number, found: number): CkeError {
  return new CkeError({
    code: 'Fenced',
    message: `${cluster}: a newer operation has taken over, this one does nothing more`,
    got: `epoch ${epoch}`,
    want: `epoch ${found}`,
    remedy: 'never',
  });
}
