import { z } from 'zod';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';
import { parseValue } from './value.ts';

/** What a person did to the SSH key that the nodes are opened with. */
export interface LoginKeyRecord {
  /** When, RFC 3339. */
  at: string;
  /** Who asked, e.g. `alice@bastion`. */
  by: string;
  /** `used`: from now on logins are by this key; `alone`: the one before opens no server any more. */
  change: 'used' | 'alone';
  /** Of the new key, as `ssh-keygen -l` prints it. */
  fingerprint: string;
}

/** Who exchanged the SSH key, and when. Kept for as long as the cluster: it happens seldom. */
export interface LoginKeys {
  append(cluster: string, record: LoginKeyRecord): Promise<void>;
  /** The earliest first. */
  list(cluster: string): Promise<LoginKeyRecord[]>;
}

const schema = z.object({
  at: z.iso.datetime(),
  by: z.string(),
  change: z.enum(['used', 'alone']),
  fingerprint: z.string(),
});

export function storeLoginKeys(connection: StoreConnection): LoginKeys {
  return {
    async append(cluster, record) {
      const key = clusterKeys(cluster).loginKey(record.at);
      await connection.write((client) => client.put(key).value(JSON.stringify(record)).exec());
    },
    async list(cluster) {
      const { kvs } = await connection.read((client) =>
        client.getAll().prefix(clusterKeys(cluster).loginKeys).sort('Key', 'Ascend').exec(),
      );
      return kvs.map(({ key, value }) => parseValue(key.toString(), value.toString(), schema));
    },
  };
}
