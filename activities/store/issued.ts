import { z } from 'zod';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';
import { parseValue } from './value.ts';

/** A certificate that a person was given. Its key is with that person only. */
export interface IssuedRecord {
  /** When, RFC 3339. */
  at: string;
  /** Who asked, e.g. `alice@bastion`. */
  by: string;
  /** For whom: the user and the groups that it says. */
  user: string;
  groups: string[];
  /** What it is a client certificate of; absent: of the API servers. */
  opens?: 'etcd';
  serial: string;
  /** RFC 3339. */
  notAfter: string;
}

/** Who was given access. Each entry stands for a year: longer than anything that was issued lasts. */
export interface Issued {
  append(cluster: string, record: IssuedRecord): Promise<void>;
  /** The latest first. */
  list(cluster: string, limit: number): Promise<IssuedRecord[]>;
}

const yearSeconds = 365 * 86_400;

const schema = z.object({
  at: z.iso.datetime(),
  by: z.string(),
  user: z.string(),
  groups: z.array(z.string()),
  opens: z.literal('etcd').exactOptional(),
  serial: z.string(),
  notAfter: z.string(),
});

export function storeIssued(connection: StoreConnection): Issued {
  return {
    async append(cluster, record) {
      const key = clusterKeys(cluster).issued(record.at, record.serial);
      await connection.write((client) =>
        client.lease(yearSeconds, { autoKeepAlive: false }).put(key).value(JSON.stringify(record)).exec(),
      );
    },
    async list(cluster, limit) {
      const { kvs } = await connection.read((client) =>
        client.getAll().prefix(clusterKeys(cluster).issuedAll).sort('Key', 'Descend').limit(limit).exec(),
      );
      return kvs.map(({ key, value }) => parseValue(key.toString(), value.toString(), schema));
    },
  };
}
