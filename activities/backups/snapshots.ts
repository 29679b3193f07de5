import { hostname } from 'node:os';
import { basename } from 'node:path';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { withBackup, type Backup } from '../../cluster/etcd/backup.ts';
import type { OwnCredentials } from '../credentials.ts';
import type { EtcdClusters } from '../etcd/clusters.ts';
import type { Snapshot, SnapshotOrder } from '../etcd/snapshot.ts';
import { access } from '../steps/etcd-access.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { copyToS3 } from './s3.ts';

export interface BackupPorts {
  store: Pick<Store, 'records' | 'backups'>;
  etcd: Pick<EtcdClusters, 'snapshot'>;
  credentials: OwnCredentials;
  /** Directory of this machine for snapshots, where the declaration names none. */
  snapshots: string;
}

/** How many are kept where the declaration doesn't say. */
const keptSnapshots = 10;

/** A step waits for it: a database of several gigabytes over a slow line. */
const beforeChangeMs = 100_000;
const backupMs = 20 * 60_000;

/**
 * Takes a verified snapshot before members are changed, keeps it on this machine, and puts it on record.
 * @throws CkeError EtcdUnavailable, QuorumAtRisk, SettingsInvalid, StoreConflict
 */
export async function snapshotBeforeChange(ports: BackupPorts, declaration: Declaration): Promise<void> {
  await keepHere(ports, declaration, { withinMs: beforeChangeMs, otherwise: 'its members are not changed' });
}

/**
 * Takes a verified snapshot, no older than the one before it (W-10), brings it where the declaration says, and puts it on record.
 * @throws CkeError as snapshotBeforeChange, BackupFailed, NotInitialised
 */
export async function backUp(
  ports: BackupPorts & { vault: Pick<Vault, 'bucketCredentials'> },
  declaration: Declaration,
): Promise<Backup> {
  const { name: cluster, etcd_backup: wanted } = declaration;
  const [previous] = (await ports.store.backups.get(cluster)).kept;
  const order = { withinMs: backupMs, otherwise: 'there is no backup of now', ...(previous && { previous }) };
  const { taken, backup } = await keepHere(ports, declaration, order);
  if (wanted?.s3 === undefined) return backup;
  const { s3: target, retention: keep } = wanted;
  const { path, bytes } = taken;
  const credentials = await ports.vault.bucketCredentials({ cluster, entry: target.credentials_secret });
  const copied = await copyToS3({ target, credentials, cluster, path, name: basename(path), bytes, keep });
  return record(ports.store, cluster, taken, copied);
}

/** Takes a snapshot, keeps it on this machine, and puts it on record. */
async function keepHere(
  { store, etcd, credentials, snapshots }: BackupPorts,
  declaration: Declaration,
  order: Omit<SnapshotOrder, 'directory' | 'keep'>,
): Promise<{ taken: Snapshot; backup: Backup }> {
  const { directory = snapshots, retention = keptSnapshots } = declaration.etcd_backup ?? {};
  const reach = await access({ store, credentials }, declaration);
  const taken = await etcd.snapshot({ ...reach, ...order, directory, keep: retention });
  return { taken, backup: await record(store, declaration.name, taken, onThisMachine(taken)) };
}

interface Kept {
  place: string;
  dropped: readonly string[];
}

function onThisMachine({ path, dropped }: Snapshot): Kept {
  const here = (file: string) => `${hostname()}:${file}`;
  return { place: here(path), dropped: dropped.map(here) };
}

async function record(
  store: BackupPorts['store'],
  cluster: string,
  { clusterId, revision, bytes }: Snapshot,
  { place, dropped }: Kept,
): Promise<Backup> {
  const backup = { at: new Date().toISOString(), clusterId, revision, bytes, place };
  await store.backups.change(cluster, (before) => withBackup(before, { backup, dropped }));
  return backup;
}
