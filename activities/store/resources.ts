import type { Etcd3 } from 'etcd3';
import { z } from 'zod';
import { CkeError } from '../../cluster/errors.ts';
import type { AppliedResource } from '../../cluster/resources/user/applied.ts';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import type { ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import { issuedCertificateSchema } from '../certificate-schemas.ts';
import type { StoreConnection } from './connection.ts';
import { beingDestroyed, readDestruction } from './destructions.ts';
import { fenced, type Epochs } from './epoch.ts';
import { clusterKeys } from './keys.ts';
import { parseValue, readValues } from './value.ts';

/** An object as a user wants it. What a Secret holds is in Vault. */
export interface StoredResource {
  object: KubernetesObject;
  /** Version of the Secret's content in Vault; absent for what is no Secret. */
  secretVersion?: number;
  /** Who wanted it, e.g. `alice@bastion`. */
  by: string;
  /** RFC 3339. */
  at: string;
}

export interface ResourceChange {
  put: ReadonlyMap<ResourceKey, StoredResource>;
  remove: readonly ResourceKey[];
}

/** Objects of users: what is wanted of them, and what has come of it. */
export interface Resources {
  /** Revision of each definition: what a look needs, without what they say. */
  revisions(cluster: string): Promise<Map<ResourceKey, string>>;
  /** Definitions with their revisions; all of them unless told. */
  definitions(
    cluster: string,
    keys?: readonly ResourceKey[],
  ): Promise<Map<ResourceKey, { resource: StoredResource; revision: string }>>;
  /**
   * Stores a person's change and tells whoever watches; in parts where it is large, each can be repeated.
   * @throws CkeError ClusterDestroyed for a cluster that is being taken apart, or was
   */
  change(cluster: string, change: ResourceChange): Promise<void>;
  applied(cluster: string): Promise<Map<ResourceKey, AppliedResource>>;
  /** What has come of it; `forget` drops a record. @throws CkeError Fenced when the epoch is not the current one */
  putApplied(
    cluster: string,
    records: ReadonlyMap<ResourceKey, AppliedResource | 'forget'>,
    guard: { epoch: number },
  ): Promise<void>;
}

/** etcd refuses transactions of more than 128 parts, and requests above 1.5 MiB. */
const [largestPart, longestPart] = [100, 1_000_000];

const text = z.string();
const objectSchema = z.custom<KubernetesObject>((value) => typeof value === 'object' && value !== null);
const storedSchema: z.ZodType<StoredResource> = z.object({
  object: objectSchema,
  secretVersion: z.int().exactOptional(),
  by: text,
  at: z.iso.datetime(),
});
const appliedSchema: z.ZodType<AppliedResource> = z.object({
  apiVersion: text,
  namespace: text.exactOptional(),
  revision: text.exactOptional(),
  fields: text.exactOptional(),
  refused: z
    .object({ revision: text.exactOptional(), because: text, at: z.iso.datetime(), attempts: z.int().positive() })
    .exactOptional(),
  kept: z.literal(true).exactOptional(),
  passing: z.literal(true).exactOptional(),
  contested: z.object({ at: z.iso.datetime(), attempts: z.int().positive() }).exactOptional(),
  trusts: text.exactOptional(),
  certificate: issuedCertificateSchema.extend({ issuer: text.exactOptional() }).exactOptional(),
});

export function storeResources(connection: StoreConnection, epochs: Epochs): Resources {
  return {
    async revisions(cluster) {
      const prefix = clusterKeys(cluster).resources;
      const { kvs } = await connection.read((client) =>
        client.kv.range({
          key: Buffer.from(prefix),
          range_end: Buffer.from(`${prefix.slice(0, -1)}0`),
          keys_only: true,
        }),
      );
      return new Map(kvs.map(({ key, mod_revision }) => [key.toString().slice(prefix.length), mod_revision]));
    },
    async definitions(cluster, keys) {
      const prefix = clusterKeys(cluster).resources;
      if (keys === undefined) return named(await readValues(connection, prefix, storedSchema));
      const found = await Promise.all(
        keys.map(async (key) => {
          const { kvs } = await connection.read((client) => client.get(prefix + key).exec());
          return kvs.map(({ value, mod_revision: revision }) => {
            const resource = parseValue(prefix + key, value.toString(), storedSchema);
            return [key, { resource, revision }] as const;
          });
        }),
      );
      return new Map(found.flat());
    },
    async change(cluster, { put, remove }) {
      const keys = clusterKeys(cluster);
      const puts = [...put].map(([key, resource]) => ({ key: keys.resources + key, value: JSON.stringify(resource) }));
      const removals = remove.map((key) => ({ key: keys.resources + key, value: undefined }));
      for (const part of inParts([...puts, ...removals])) {
        const done = await connection.commit((client) =>
          client
            .if(keys.destruction, 'Create', '==', 0)
            .then(...part.map(written(client)), client.put(keys.resourcesChanged).value('changed')),
        );
        if (done) continue;
        const destruction = await readDestruction(connection, cluster);
        throw destruction === undefined ? overtaken(cluster) : beingDestroyed(cluster, destruction.value);
      }
    },
    async applied(cluster) {
      const found = await readValues(connection, clusterKeys(cluster).applied, appliedSchema);
      return new Map([...found].map(([key, { value }]) => [key, value]));
    },
    async putApplied(cluster, records, { epoch }) {
      const keys = clusterKeys(cluster);
      const parts = [...records].map(([key, record]) => ({
        key: keys.applied + key,
        value: record === 'forget' ? undefined : JSON.stringify(record),
      }));
      for (const part of inParts(parts)) {
        const done = await connection.commit((client) =>
          client.if(keys.epoch, 'Value', '==', String(epoch)).then(...part.map(written(client))),
        );
        if (!done) throw fenced(cluster, epoch, await epochs.current(cluster));
      }
    },
  };
}

function overtaken(cluster: string): CkeError {
  return new CkeError({
    code: 'StoreConflict',
    message: `${cluster}: it was built anew while resources were stored`,
    remedy: 'retry',
  });
}

function named(found: Awaited<ReturnType<typeof readValues<StoredResource>>>) {
  return new Map([...found].map(([key, { value: resource, version: revision }]) => [key, { resource, revision }]));
}

/** A value to put, or a key to delete. */
interface Write {
  key: string;
  value: string | undefined;
}

const written =
  (client: Etcd3) =>
  ({ key, value }: Write) =>
    value === undefined ? client.delete().key(key) : client.put(key).value(value);

function inParts(all: readonly Write[]): Write[][] {
  const parts: Write[][] = [];
  let length = Infinity;
  for (const one of all) {
    const bytes = Buffer.byteLength(one.value ?? '') + one.key.length;
    const last = parts.at(-1);
    if (last === undefined || last.length === largestPart || length + bytes > longestPart) {
      parts.push([one]);
      length = bytes;
    } else {
      last.push(one);
      length += bytes;
    }
  }
  return parts;
}
