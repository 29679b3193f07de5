import { z } from 'zod';
import type { ClusterTrust } from '../../cluster/certificates/trust.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { StoreConnection } from './connection.ts';
import { beingDestroyed, readDestruction } from './destructions.ts';
import { clusterKeys, root } from './keys.ts';
import { trustSchema } from './trust-schema.ts';
import { readValue } from './value.ts';
import type { Stored } from './value.ts';

export interface StoredDeclaration {
  /** 1, 2, 3, … in each cluster. */
  revision: number;
  /** The YAML as the user wrote it. */
  text: string;
  /** Who applied it, e.g. `alice@bastion`. */
  by: string;
  /** RFC 3339. */
  at: string;
  /** Which CAs count: kept from revision to revision, changed by rotations only. */
  trust?: ClusterTrust;
}

export interface PutDeclaration {
  by: string;
  /** Revision that the change was made from; 0 for the first. Without it the last writer wins. */
  expectedRevision?: number;
}

/** What users want, by revision. The last 50 revisions are kept. */
export interface Declarations {
  /**
   * Stores a declaration as the next revision; a text equal to the latest one is the latest one, so that a repeated call does no harm.
   * After a destroyed cluster it begins a new one, whose revisions go on counting; `expectedRevision` is 0 then.
   * @throws CkeError StoreConflict when `expectedRevision` is not the latest, or someone else wrote at the same time;
   * ClusterDestroyed while the cluster is being taken apart
   */
  put(cluster: string, text: string, options: PutDeclaration): Promise<number>;
  /**
   * Stores the latest text again, as the next revision, with other CAs.
   * @throws CkeError StoreConflict when `expectedRevision` is not the latest
   */
  putTrust(cluster: string, trust: ClusterTrust, options: Required<PutDeclaration>): Promise<number>;
  /** Undefined when there is none, or when it is no longer kept; a destroyed cluster has no latest one. */
  get(cluster: string, revision: number | 'latest'): Promise<StoredDeclaration | undefined>;
  /** Names of all clusters, sorted; destroyed ones are none. */
  clusters(): Promise<string[]>;
}

const kept = 50;
/** etcd refuses requests above 1.5 MiB. */
const longestValue = 1_400_000;

const pointerSchema = z.object({ revision: z.int().positive(), destroyed: z.literal(true).exactOptional() });
const declarationSchema = z.object({
  revision: z.int().positive(),
  text: z.string(),
  by: z.string(),
  at: z.iso.datetime(),
  trust: trustSchema.exactOptional(),
});

export function storeDeclarations(connection: StoreConnection, now: () => Date): Declarations {
  return {
    async put(cluster, text, { by, expectedRevision }) {
      const destruction = await readDestruction(connection, cluster);
      if (destruction !== undefined && destruction.value.finishedAt === undefined)
        throw beingDestroyed(cluster, destruction.value);
      const pointer = await latestRevision(connection, cluster);
      const latest = pointer?.value.revision ?? 0;
      const standing = latest > 0 ? await readRevision(connection, cluster, latest) : undefined;
      const current = pointer?.value.destroyed ? 0 : latest;
      if (current > 0 && standing?.text === text) return current;
      if (expectedRevision !== undefined && expectedRevision !== current)
        throw conflict(cluster, current, expectedRevision);
      const trust = standing?.trust === undefined ? {} : { trust: standing.trust };
      const next = { revision: latest + 1, text, by, at: now().toISOString(), ...trust };
      return commitRevision(connection, cluster, {
        next,
        version: pointer?.version ?? '0',
        destruction: destruction?.version ?? '0',
      });
    },
    async putTrust(cluster, trust, { by, expectedRevision }) {
      const pointer = await latestRevision(connection, cluster);
      const latest = pointer?.value.revision ?? 0;
      if (expectedRevision !== latest) throw conflict(cluster, latest, expectedRevision);
      const standing = await readRevision(connection, cluster, latest);
      if (pointer === undefined || standing === undefined) throw conflict(cluster, latest, expectedRevision);
      const next = { revision: latest + 1, text: standing.text, by, at: now().toISOString(), trust };
      return commitRevision(connection, cluster, { next, version: pointer.version, destruction: '0' });
    },
    async get(cluster, revision) {
      if (revision !== 'latest') return readRevision(connection, cluster, revision);
      const pointer = await latestRevision(connection, cluster);
      return pointer && !pointer.value.destroyed
        ? readRevision(connection, cluster, pointer.value.revision)
        : undefined;
    },
    clusters: () => listClusters(connection),
  };
}

interface Commit {
  next: StoredDeclaration;
  /** Of the pointer to the latest revision, as it was read. */
  version: string;
  /** Version of the order to destroy the cluster, `0` where there is none; a new cluster ends one that is finished. */
  destruction: string;
}

/** Makes `next` the latest revision, unless somebody was quicker. */
async function commitRevision(
  connection: StoreConnection,
  cluster: string,
  { next, version, destruction }: Commit,
): Promise<number> {
  const { revision } = next;
  const value = JSON.stringify(next);
  if (Buffer.byteLength(value) > longestValue) throw tooLong(cluster, Buffer.byteLength(value));
  const keys = clusterKeys(cluster);
  const done = await connection.commit((client) =>
    client
      .if(keys.latestDeclaration, 'Mod', '==', version)
      .and(keys.destruction, 'Mod', '==', destruction)
      .then(
        client.put(keys.declaration(revision)).value(value),
        client.put(keys.latestDeclaration).value(JSON.stringify({ revision })),
        client
          .delete()
          .range(client.range({ start: keys.declarations, end: keys.declaration(Math.max(0, revision + 1 - kept)) })),
        // What is known of the cluster that was is not true of the one that begins.
        ...(destruction === '0' ? [] : [client.delete().key(keys.destruction), client.delete().prefix(keys.records)]),
      ),
  );
  if (!done) throw conflict(cluster, revision, revision - 1);
  return revision;
}

function latestRevision(
  connection: StoreConnection,
  cluster: string,
): Promise<Stored<z.infer<typeof pointerSchema>> | undefined> {
  return readValue(connection, clusterKeys(cluster).latestDeclaration, pointerSchema);
}

async function readRevision(
  connection: StoreConnection,
  cluster: string,
  revision: number,
): Promise<StoredDeclaration | undefined> {
  return (await readValue(connection, clusterKeys(cluster).declaration(revision), declarationSchema))?.value;
}

/** Jumps from one cluster's first key to the next cluster's: one small call per cluster, however much they keep. */
async function listClusters(connection: StoreConnection): Promise<string[]> {
  const clusters: string[] = [];
  let start = root;
  for (;;) {
    const { kvs } = await connection.read((client) =>
      client
        .getAll()
        .inRange({ start, end: after(root) })
        .sort('Key', 'Ascend')
        .limit(1)
        .exec(),
    );
    const cluster = kvs[0]?.key.toString().slice(root.length).split('/')[0];
    if (cluster === undefined) return clusters;
    const pointer = await latestRevision(connection, cluster);
    if (pointer !== undefined && !pointer.value.destroyed) clusters.push(cluster);
    start = after(clusterKeys(cluster).prefix);
  }
}

/** The first key behind all keys with a prefix that ends in a slash. */
const after = (prefix: string): string => `${prefix.slice(0, -1)}0`;

function conflict(cluster: string, found: number, expected: number): CkeError {
  return new CkeError({
    code: 'StoreConflict',
    message: `the declaration of ${cluster} was changed by someone else in the meantime`,
    got: `revision ${found}`,
    want: `revision ${expected}, which this change was made from`,
    fix: `cke-client plan ${cluster} shows what would change now; then apply again`,
    remedy: 'never',
  });
}

function tooLong(cluster: string, bytes: number): CkeError {
  return new CkeError({
    code: 'DeclarationRefused',
    message: `the declaration of ${cluster} is too long to be stored`,
    got: `${bytes} bytes`,
    want: `at most ${longestValue} bytes`,
    remedy: 'never',
  });
}
