import { z } from 'zod';
import { isCipher, type Cipher } from '../../cluster/encryption/cipher.ts';
import { keyChangeStages, type EncryptionRecord } from '../../cluster/encryption/key-change.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';
import { readValue, type Stored } from './value.ts';

/** With what a cluster's Secrets are encrypted, and how far a change of the key has come. Names of keys, never keys. */
export interface EncryptionRecords {
  get(cluster: string): Promise<Stored<EncryptionRecord> | undefined>;
  /**
   * Replaces the record that was read with `version`, `0` where there was none; returns the new one. There is no epoch in it: it is what is
   * wanted, and two who want to change it are told apart by its version.
   * @throws CkeError StoreConflict when it changed since
   */
  put(cluster: string, record: EncryptionRecord, guard: { version: string }): Promise<Stored<EncryptionRecord>>;
}

const cipherSchema = z.custom<Cipher>((value) => typeof value === 'string' && isCipher(value));

export const encryptionSchema: z.ZodType<EncryptionRecord> = z.object({
  generation: z.int().nonnegative(),
  settled: z.array(cipherSchema).min(1),
  change: z
    .object({
      stage: z.enum(keyChangeStages),
      to: cipherSchema,
      by: z.string(),
      since: z.iso.datetime(),
      progress: z.object({ done: z.int(), of: z.int() }).exactOptional(),
    })
    .exactOptional(),
});

export function storeEncryption(connection: StoreConnection): EncryptionRecords {
  const get = (cluster: string) => readValue(connection, clusterKeys(cluster).encryption, encryptionSchema);
  return {
    get,
    async put(cluster, record, { version }) {
      const key = clusterKeys(cluster).encryption;
      const text = JSON.stringify(record);
      const done = await connection.commit((client) =>
        client.if(key, 'Mod', '==', version).then(client.put(key).value(text)),
      );
      const found = await get(cluster);
      if (found !== undefined && (done || JSON.stringify(found.value) === text)) return found;
      throw new CkeError({
        code: 'StoreConflict',
        message: `${cluster}: the record of its encryption was changed by somebody else in the meantime`,
        want: 'one change at a time; it is read again',
        remedy: 'retry',
      });
    },
  };
}
