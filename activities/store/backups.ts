import { z } from 'zod';
import type { BackupRecord } from '../../cluster/etcd/backup.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';
import { readValue } from './value.ts';

/** Which snapshots of a cluster's etcd there are, and how the latest attempt ended. */
export interface BackupRecords {
  /** Nothing kept where none was ever taken. */
  get(cluster: string): Promise<BackupRecord>;
  /** Replaces the record by what `change` makes of it. @throws CkeError StoreConflict when others change it all the time */
  change(cluster: string, change: (record: BackupRecord) => BackupRecord): Promise<void>;
}

const text = z.string();
const backupsSchema: z.ZodType<BackupRecord> = z.object({
  kept: z.array(z.object({ at: z.iso.datetime(), clusterId: text, revision: text, bytes: z.int(), place: text })),
  failed: z.object({ at: z.iso.datetime(), because: text }).exactOptional(),
});

/** A scheduled one, one that a person asked for and one before a change may end at the same time. */
const tries = 5;

export function storeBackups(connection: StoreConnection): BackupRecords {
  const read = (cluster: string) => readValue(connection, clusterKeys(cluster).backups, backupsSchema);
  return {
    get: async (cluster) => (await read(cluster))?.value ?? { kept: [] },
    async change(cluster, change) {
      const key = clusterKeys(cluster).backups;
      for (let attempt = 0; attempt < tries; attempt += 1) {
        const { value = { kept: [] }, version = '0' } = (await read(cluster)) ?? {};
        const changed = JSON.stringify(change(value));
        const done = await connection.commit((client) =>
          client.if(key, 'Mod', '==', version).then(client.put(key).value(changed)),
        );
        if (done) return;
      }
      throw new CkeError({
        code: 'StoreConflict',
        message: `${cluster}: the list of its backups was changed by others ${tries} times in a row`,
        want: 'one change at a time; it is read again',
        remedy: 'retry',
      });
    },
  };
}
