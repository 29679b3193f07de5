import { hostname } from 'node:os';
import { basename } from 'node:path';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { withBackup, type Backup } from '../../cluster/etcd/backup.ts';
import type { OwnCredentials } from '../credentials.ts';
import type { EtcdClusters } from '../etcd/clusters.ts';
import type { Snapshot } from '../etcd/snapshot.ts';
import { access } from '../steps/etcd.ts';
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
export async function snapshotBeforeChange(
  { store, etcd, snapshots, ...ports }: BackupPorts,
  declaration: Declaration,
): Promise<void> {
  const { directory = snapshots, retention = keptSnapshots } = declaration.etcd_backup ?? {};
  const order = { directory, keep: retention, withinMs: beforeChangeMs, otherwise: 'its members are not changed' };
  const taken = await etcd.snapshot({ ...(await access({ store, ...ports }, declaration)), ...order });
  await record(store, declaration.name, taken, onThisMachine(taken));
}

/**
 * Takes a verified snapshot, no older than the one before it (W-10), brings it where the declaration says, and puts it on record.
 * @throws CkeError as snapshotBeforeChange, BackupFailed, NotInitialised
 */
export async function backUp(
  { store, etcd, vault, snapshots, ...ports }: BackupPorts & { vault: Pick<Vault, 'bucketCredentials'> },
  declaration: Declaration,
): Promise<Backup> {
  const { name: cluster, etcd_backup: wanted } = declaration;
  const { directory = snapshots, retention = keptSnapshots, s3: target } = wanted ?? {};
  const [previous] = (await store.backups.get(cluster)).kept;
  const taken = await etcd.snapshot({
    ...(await access({ store, ...ports }, declaration)),
    directory,
    keep: retention,
    withinMs: backupMs,
    otherwise: 'there is no backup of now',
    ...(previous && { previous }),
  });
  const kept = await record(store, cluster, taken, onThisMachine(taken));
  if (target === undefined) return kept;
  const { path, bytes } = taken;
  const credentials = await vault.bucketCredentials({ cluster, entry: target.credentials_secret });
  const copy = { target, credentials, cluster, path, name: basename(path), bytes, keep: retention };
  return record(store, cluster, taken, await copyToS3(copy));
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
