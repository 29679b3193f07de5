import { z } from 'zod';
import type { Rotation } from '../../cluster/certificates/expiry.ts';
import { CkeError } from '../../cluster/errors.ts';
import { rotationSchema } from '../certificate-schemas.ts';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';
import { readValue } from './value.ts';

/** What people have asked for: certificates to be issued anew. It is wanted until it is done, and harmless after that. */
export interface Rotations {
  /** Every wish that stands. */
  list(cluster: string): Promise<Rotation[]>;
  /**
   * Writes a wish down; one with the same id counts as written. Wishes that the new one covers are dropped.
   * @returns the generation that certificates get by it
   * @throws CkeError StoreConflict when others write at the same time, again and again
   */
  ask(cluster: string, wish: Omit<Rotation, 'generation'>): Promise<number>;
}

const attempts = 10;

export function storeRotations(connection: StoreConnection): Rotations {
  const read = (cluster: string) => readValue(connection, clusterKeys(cluster).rotations, z.array(rotationSchema));
  return {
    list: async (cluster) => (await read(cluster))?.value ?? [],
    async ask(cluster, wish) {
      const key = clusterKeys(cluster).rotations;
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        const found = await read(cluster);
        const standing = found?.value ?? [];
        const mine = standing.find(({ id }) => id === wish.id);
        if (mine) return mine.generation;
        const generation = Math.max(1, ...standing.map((one) => one.generation)) + 1;
        const next = [...standing.filter((one) => !covers(wish, one)), { ...wish, generation }];
        const done = await connection.commit((client) =>
          client.if(key, 'Mod', '==', found?.version ?? '0').then(client.put(key).value(JSON.stringify(next))),
        );
        if (done) return generation;
      }
      throw new CkeError({
        code: 'StoreConflict',
        message: `${cluster}: others ask for rotations at the same time`,
        remedy: 'retry',
      });
    },
  };
}

type Scope = Pick<Rotation, 'kind' | 'node'>;

const covers = (wide: Scope, narrow: Scope): boolean =>
  (wide.kind ?? narrow.kind) === narrow.kind && (wide.node ?? narrow.node) === narrow.node;
