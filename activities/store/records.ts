import type { DeleteBuilder, Etcd3, PutBuilder } from 'etcd3';
import { z } from 'zod';
import { canonicalJson } from '../../cluster/canonical.ts';
import { issuedCertificateSchema, rotationSchema } from '../certificate-schemas.ts';
import { components, type Component } from '../../cluster/components/component.ts';
import { CkeError } from '../../cluster/errors.ts';
import type {
  ClusterRecords,
  DrainRecord,
  EnrolledNode,
  EtcdRecord,
  OwnedAttributes,
  TakenUp,
} from '../../cluster/observation.ts';
import type { StoreConnection } from './connection.ts';
import { fenced, type Epochs } from './epoch.ts';
import { encryptionSchema } from './encryption.ts';
import { clusterKeys } from './keys.ts';
import { leaseSchema } from './leases.ts';
import { parseValue, readValue } from './value.ts';

/** A record and the version that the next write has to name. */
export interface VersionedEtcdRecord {
  record: EtcdRecord;
  version: string;
}

/** Facts that no server can be asked for. Every write carries the fencing epoch (E-03). */
export interface Records {
  /** Everything that an observation needs, in one call. */
  all(cluster: string): Promise<ClusterRecords>;
  getEtcdRecord(cluster: string): Promise<VersionedEtcdRecord>;
  /**
   * Replaces the record that was read with `version`; a record equal to the one that stands there counts as written.
   * @returns the new version
   * @throws CkeError StoreConflict when it changed since, Fenced when the epoch is not the current one
   */
  putEtcdRecord(cluster: string, record: EtcdRecord, guard: { version: string; epoch: number }): Promise<string>;
  /** What of a node's attributes is ours. @throws CkeError Fenced when the epoch is not the current one */
  putOwnedAttributes(cluster: string, node: string, owned: OwnedAttributes, guard: { epoch: number }): Promise<void>;
  /** The CNI configuration that a node was given. @throws CkeError Fenced when the epoch is not the current one */
  putCniConfiguration(cluster: string, node: string, text: string, guard: { epoch: number }): Promise<void>;
  /** How a node is reached, also after it has left the declaration. @throws CkeError Fenced when the epoch is not the current one */
  enrolNode(cluster: string, node: string, enrolled: EnrolledNode, guard: { epoch: number }): Promise<void>;
  /** How far a node's drain has come. @throws CkeError Fenced when the epoch is not the current one */
  putDrain(cluster: string, node: string, drain: DrainRecord, guard: { epoch: number }): Promise<void>;
  /** Which certificates a running container has taken up. @throws CkeError Fenced when the epoch is not the current one */
  putTakenUp(
    cluster: string,
    place: { node: string; component: Component },
    taken: TakenUp,
    guard: { epoch: number },
  ): Promise<void>;
  /** The node takes pods again. @throws CkeError Fenced when the epoch is not the current one */
  removeDrain(cluster: string, node: string, guard: { epoch: number }): Promise<void>;
  /** Forgets what is kept about a node. @throws CkeError Fenced when the epoch is not the current one */
  removeNode(cluster: string, node: string, guard: { epoch: number }): Promise<void>;
}

const membershipSchema = z.object({
  directory: z.string().min(1),
  memberId: z.string().exactOptional(),
  state: z.enum(['first-start', 'settled', 'removed']),
});
const restoreSchema = z.object({
  place: z.string().min(1),
  digest: z.string().min(1),
  by: z.string(),
  at: z.iso.datetime(),
  before: z.record(z.string(), z.string()),
});
const etcdRecordSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('never') }),
  z.object({
    state: z.enum(['started', 'done']),
    token: z.string().min(1),
    memberships: z.record(z.string(), membershipSchema),
    restore: restoreSchema.exactOptional(),
  }),
]);
const ownedSchema = z.object({
  labels: z.array(z.string()),
  annotations: z.array(z.string()),
  taints: z.array(z.string()),
});

const enrolledSchema = z.object({
  address: z.string().min(1),
  user: z.string().min(1),
  control_plane: z.boolean(),
  ssh: z.object({ port: z.number(), host_key: z.string().exactOptional() }),
});
const drainSchema = z.object({
  before: z.enum(['schedulable', 'cordoned']).exactOptional(),
  since: z.string(),
  at: z.string(),
  refused: z.array(z.object({ pod: z.string(), because: z.string() })),
});

const takenUpSchema = z.object({ containerId: z.string().min(1), certificates: z.array(issuedCertificateSchema) });

type Operations = (client: Etcd3) => (PutBuilder | DeleteBuilder)[];

export function storeRecords(connection: StoreConnection, epochs: Epochs): Records {
  const getEtcdRecord = async (cluster: string): Promise<VersionedEtcdRecord> => {
    const found = await readValue(connection, clusterKeys(cluster).etcdRecord, etcdRecordSchema);
    return found ? { record: found.value, version: found.version } : { record: { state: 'never' }, version: '0' };
  };
  const fencedWrite = async (cluster: string, { epoch }: { epoch: number }, operations: Operations): Promise<void> => {
    const done = await connection.commit((client) =>
      client.if(clusterKeys(cluster).epoch, 'Value', '==', String(epoch)).then(...operations(client)),
    );
    if (!done) throw fenced(cluster, epoch, await epochs.current(cluster));
  };

  return {
    all: (cluster) => readAll(connection, cluster),
    getEtcdRecord,
    async putEtcdRecord(cluster, record, { version, epoch }) {
      const keys = clusterKeys(cluster);
      const done = await connection.commit((client) =>
        client
          .if(keys.etcdRecord, 'Mod', '==', version)
          .and(keys.epoch, 'Value', '==', String(epoch))
          .then(client.put(keys.etcdRecord).value(JSON.stringify(record))),
      );
      const found = await getEtcdRecord(cluster);
      if (canonicalJson(found.record) === canonicalJson(record)) return found.version;
      if (!done) await epochs.assertCurrent(cluster, epoch);
      throw recordConflict(cluster);
    },
    putOwnedAttributes: (cluster, node, owned, guard) =>
      fencedWrite(cluster, guard, (client) => [put(client, clusterKeys(cluster).ownedAttributes(node), owned)]),
    putCniConfiguration: (cluster, node, text, guard) =>
      fencedWrite(cluster, guard, (client) => [put(client, clusterKeys(cluster).cniConfiguration(node), text)]),
    enrolNode: (cluster, node, enrolled, guard) =>
      fencedWrite(cluster, guard, (client) => [put(client, clusterKeys(cluster).enrolledNode(node), enrolled)]),
    putDrain: (cluster, node, drain, guard) =>
      fencedWrite(cluster, guard, (client) => [put(client, clusterKeys(cluster).drain(node), drain)]),
    putTakenUp: (cluster, { node, component }, taken, guard) =>
      fencedWrite(cluster, guard, (client) => [put(client, clusterKeys(cluster).takenUp(component, node), taken)]),
    removeDrain: (cluster, node, guard) =>
      fencedWrite(cluster, guard, (client) => [client.delete().key(clusterKeys(cluster).drain(node))]),
    removeNode: (cluster, node, guard) =>
      fencedWrite(cluster, guard, (client) => [
        ...components.map((component) => client.delete().key(clusterKeys(cluster).takenUp(component, node))),
        client.delete().key(clusterKeys(cluster).enrolledNode(node)),
        client.delete().key(clusterKeys(cluster).drain(node)),
        client.delete().key(clusterKeys(cluster).lease(node)),
        client.delete().key(clusterKeys(cluster).ownedAttributes(node)),
        client.delete().key(clusterKeys(cluster).cniConfiguration(node)),
      ]),
  };
}

const put = (client: Etcd3, key: string, value: unknown): PutBuilder => client.put(key).value(JSON.stringify(value));

async function readAll(connection: StoreConnection, cluster: string): Promise<ClusterRecords> {
  const keys = clusterKeys(cluster);
  const { kvs } = await connection.read((client) => client.getAll().prefix(keys.records).exec());
  const found = kvs.map((kv) => ({ key: kv.key.toString(), text: kv.value.toString() }));
  const byNode = <T>(keyOf: (node: string) => string, schema: z.ZodType<T>): Record<string, T> => {
    const prefix = keyOf('-').slice(0, -1);
    const ours = found.filter(({ key }) => key.startsWith(prefix));
    return Object.fromEntries(ours.map(({ key, text }) => [key.slice(prefix.length), parseValue(key, text, schema)]));
  };
  const etcd = found.find(({ key }) => key === keys.etcdRecord);
  const rotations = found.find(({ key }) => key === keys.rotations);
  const takenUp = components.map(
    (component) => [component, byNode((node) => keys.takenUp(component, node), takenUpSchema)] as const,
  );
  const encryption = found.find(({ key }) => key === keys.encryption);
  return {
    etcd: etcd === undefined ? { state: 'never' } : parseValue(etcd.key, etcd.text, etcdRecordSchema),
    ownedAttributes: byNode(keys.ownedAttributes, ownedSchema),
    cniConfigurations: byNode(keys.cniConfiguration, z.string()),
    nodes: byNode(keys.enrolledNode, enrolledSchema),
    drains: byNode(keys.drain, drainSchema),
    leases: byNode(keys.lease, leaseSchema),
    rotations: rotations === undefined ? [] : parseValue(rotations.key, rotations.text, z.array(rotationSchema)),
    takenUp: Object.fromEntries(takenUp.filter(([, byName]) => Object.keys(byName).length > 0)),
    ...(encryption && { encryption: parseValue(encryption.key, encryption.text, encryptionSchema) }),
  };
}

function recordConflict(cluster: string): CkeError {
  return new CkeError({
    code: 'StoreConflict',
    message: `${cluster}: its etcd record was changed by another operation in the meantime`,
    want: 'one operation per cluster at a time; the next round reads it again',
    remedy: 'retry',
  });
}
