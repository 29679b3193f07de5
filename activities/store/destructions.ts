import { z } from 'zod';
import type { DataFate, Destruction, LeftNode } from '../../cluster/destruction.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';
import { readValue, type Stored } from './value.ts';

/** Orders to take whole clusters apart. While one stands no epoch is given to an operation, and no declaration is accepted. */
export interface Destructions {
  /** Undefined for a cluster that nobody gave up, and for one that was built again. */
  get(cluster: string): Promise<Destruction | undefined>;
  /**
   * Records the order and takes the epoch that belongs to it, in one transaction; one that goes on already is adopted, and what an
   * earlier one had to leave is taken up again.
   * @throws CkeError DeclarationMissing, StoreConflict
   */
  begin(cluster: string, order: { by: string; data: DataFate }): Promise<Destruction>;
  /**
   * The end of it: the cluster has no declaration any more, no pause, no open question, and records of the nodes only that were left.
   * @throws CkeError Fenced when it is not this order that stands there
   */
  conclude(cluster: string, end: { left: LeftNode[]; epoch: number }): Promise<Destruction>;
}

const schema = z.object({
  by: z.string(),
  at: z.iso.datetime(),
  data: z.enum(['trash', 'purge']),
  revision: z.int().positive(),
  epoch: z.int().positive(),
  finishedAt: z.iso.datetime().exactOptional(),
  left: z.array(z.object({ node: z.string(), because: z.string() })).exactOptional(),
});
const pointerSchema = z.object({ revision: z.int().positive() });
const questionSchema = z.object({ answer: z.unknown().optional() });

const attempts = 5;
/** etcd takes 128 operations in a transaction. */
const mostQuestions = 100;

export function readDestruction(
  connection: StoreConnection,
  cluster: string,
): Promise<Stored<Destruction> | undefined> {
  return readValue(connection, clusterKeys(cluster).destruction, schema);
}

export function storeDestructions(connection: StoreConnection, now: () => Date): Destructions {
  return {
    get: async (cluster) => (await readDestruction(connection, cluster))?.value,

    async begin(cluster, { by, data }) {
      const keys = clusterKeys(cluster);
      for (let attempt = 0; attempt < attempts; attempt++) {
        const standing = await readDestruction(connection, cluster);
        if (standing !== undefined && standing.value.finishedAt === undefined) return standing.value;
        const pointer = await readValue(connection, keys.latestDeclaration, pointerSchema);
        if (pointer === undefined) throw neverDeclared(cluster);
        const epoch = await readValue(connection, keys.epoch, z.int().nonnegative());
        const { revision } = pointer.value;
        const left = standing?.value.left;
        const next = (epoch?.value ?? 0) + 1;
        const order: Destruction = { by, at: now().toISOString(), data, revision, epoch: next, ...(left && { left }) };
        const done = await connection.commit((client) =>
          client
            .if(keys.epoch, 'Mod', '==', epoch?.version ?? 0)
            .and(keys.destruction, 'Mod', '==', standing?.version ?? 0)
            .and(keys.latestDeclaration, 'Mod', '==', pointer.version)
            .then(
              client.put(keys.destruction).value(JSON.stringify(order)),
              client.put(keys.epoch).value(String(order.epoch)),
            ),
        );
        if (done) return order;
      }
      throw new CkeError({
        code: 'StoreConflict',
        message: `${cluster}: others keep changing this cluster at the same moment`,
        remedy: 'retry',
      });
    },

    async conclude(cluster, { left, epoch }) {
      const keys = clusterKeys(cluster);
      const standing = await readDestruction(connection, cluster);
      if (standing?.value.epoch !== epoch) throw notThisOne(cluster, epoch);
      if (standing.value.finishedAt !== undefined) return standing.value;
      const ended = { ...standing.value, finishedAt: now().toISOString(), left };
      const questions = await openQuestions(connection, cluster);
      const done = await connection.commit((client) =>
        client
          .if(keys.destruction, 'Mod', '==', standing.version)
          .then(
            client.put(keys.destruction).value(JSON.stringify(ended)),
            client.put(keys.latestDeclaration).value(JSON.stringify({ revision: ended.revision, destroyed: true })),
            client.delete().key(keys.pause),
            client.delete().prefix(keys.resources),
            client.delete().prefix(keys.applied),
            ...questions.map((key) => client.delete().key(key)),
            ...(left.length === 0 ? [client.delete().prefix(keys.records)] : []),
          ),
      );
      if (!done) throw notThisOne(cluster, epoch);
      return ended;
    },
  };
}

/** Answers stay: they are history, and an answer counts for its own revision only. */
async function openQuestions(connection: StoreConnection, cluster: string): Promise<string[]> {
  const { kvs } = await connection.read((client) => client.getAll().prefix(clusterKeys(cluster).approvals).exec());
  const open = kvs.filter(
    ({ value }) => questionSchema.safeParse(JSON.parse(value.toString())).data?.answer === undefined,
  );
  return open.slice(0, mostQuestions).map(({ key }) => key.toString());
}

/** Nothing may be begun or declared while a cluster is taken apart, and nothing begun once it is gone. */
export function beingDestroyed(cluster: string, { by, at, finishedAt }: Destruction): CkeError {
  return new CkeError({
    code: 'ClusterDestroyed',
    message:
      finishedAt === undefined
        ? `${cluster} is being taken apart: ${by} ordered it at ${at}`
        : `${cluster} was destroyed by ${by}, at ${finishedAt}`,
    fix:
      finishedAt === undefined
        ? `cke-client destroy --cluster ${cluster} goes on with it and shows how far it is; after it the name is free again`
        : 'cke-client apply cluster.yaml builds a new one',
    remedy: 'never',
  });
}

function notThisOne(cluster: string, epoch: number): CkeError {
  return new CkeError({
    code: 'Fenced',
    message: `${cluster}: the order to take it apart is not this one any more`,
    got: `epoch ${epoch}`,
    remedy: 'never',
  });
}

function neverDeclared(cluster: string): CkeError {
  return new CkeError({
    code: 'DeclarationMissing',
    message: `${cluster} has no declaration: there is nothing to take apart`,
    remedy: 'never',
  });
}
