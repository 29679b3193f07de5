import type { z } from 'zod';
import { CkeError } from '../../cluster/errors.ts';
import type { StoreConnection } from './connection.ts';

/** A value and the version that a compare-and-swap names: etcd's mod revision, `0` where there is nothing. */
export interface Stored<T> {
  value: T;
  version: string;
}

/** Reads one key. @throws CkeError StoreUnavailable, also when what stands there was not written by this program */
export async function readValue<T>(
  connection: StoreConnection,
  key: string,
  schema: z.ZodType<T>,
): Promise<Stored<T> | undefined> {
  const { kvs } = await connection.read((client) => client.get(key).exec());
  const [found] = kvs;
  return found && { value: parseValue(key, found.value.toString(), schema), version: found.mod_revision };
}

/** Reads all keys below a prefix in one call, by what follows the prefix. */
export async function readValues<T>(
  connection: StoreConnection,
  prefix: string,
  schema: z.ZodType<T>,
): Promise<Map<string, Stored<T>>> {
  const { kvs } = await connection.read((client) => client.getAll().prefix(prefix).exec());
  return new Map(
    kvs.map((kv) => {
      const key = kv.key.toString();
      const value = parseValue(key, kv.value.toString(), schema);
      return [key.slice(prefix.length), { value, version: kv.mod_revision }];
    }),
  );
}

/** JSON of a stored value, checked. */
export function parseValue<T>(key: string, text: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CkeError({
    code: 'StoreUnavailable',
    message: `${key} in the management etcd is not as this program writes it`,
    got: issue ? `${issue.path.join('.') || 'value'}: ${issue.message}` : 'nothing that can be read',
    want: 'a value written by this version of the program or an older one',
    fix: `look at it with: etcdctl get ${key}`,
    remedy: 'never',
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
