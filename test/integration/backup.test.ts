import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEtcdClusters, type EtcdClusters } from '../../activities/etcd/clusters.ts';
import { backupActivities } from '../../activities/backups/backups.ts';
import { createStore, type Store } from '../../activities/store/store.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { run } from '../../lab/command.ts';
import { silentProgress } from '../../lab/progress.ts';
import { resolveTools } from '../../lab/toolchain.ts';
import { startTestEtcd, type TestEtcd } from '../fixtures/etcd-cluster.ts';

/** One etcd is both: the cluster that is backed up, and the management etcd. */
let etcd: TestEtcd;
let clusters: EtcdClusters;
let store: Store;
const directory = mkdtempSync(join(tmpdir(), 'cke-backups-'));

beforeAll(async () => {
  etcd = await startTestEtcd(1);
  clusters = createEtcdClusters({ timeoutMs: 1_500 });
  store = createStore({ endpoints: etcd.members.map(({ clientUrl }) => clientUrl), credentials: etcd.credentials });
});
afterAll(async () => {
  clusters?.close();
  store?.close();
  await etcd?.down();
  rmSync(directory, { recursive: true, force: true });
});

const backups = () => {
  const etcd_backup = { schedule: '0 * * * *', retention: 2, directory };
  const nodes = etcd.members.map(({ name, address }) => ({ name, address, control_plane: true }));
  const declaration = { name: 'demo', nodes, etcd_backup, notifications: { webhooks: [] } } as unknown as Declaration;
  const records = { ...store.records, getEtcdRecord: async () => ({ record: { state: 'done' }, version: '1' }) };
  return backupActivities({
    declarations: { get: async () => ({ declaration, revision: 1 }) },
    store: { backups: store.backups, records },
    etcd: clusters,
    credentials: { etcd: async () => etcd.credentials },
    vault: {},
    snapshots: '/nowhere',
  } as never);
};

const kept = async () => (await store.backups.get('demo')).kept;

test('is a backup a whole database of the revision that is told, and are two of three left, the record included?', async () => {
  const taken = [];
  for (let n = 0; n < 3; n += 1) taken.push(await backups().backUpEtcd({ cluster: 'demo' }));
  const [, second, third] = taken.map((outcome) => (outcome.outcome === 'kept' ? outcome.backup : undefined));
  expect(await kept()).toEqual([third, second]);
  const files = readdirSync(join(directory, 'demo')).map((name) => join(directory, 'demo', name));
  expect(new Set(files.map((path) => `${hostname()}:${path}`))).toEqual(new Set([second?.place, third?.place]));
  for (const path of files) expect(statSync(path).mode & 0o077).toBe(0);
  const program = await resolveTools(['etcdutl'], silentProgress());
  const status = await run(program('etcdutl'), [
    'snapshot',
    'status',
    '--write-out=json',
    files.toSorted().at(-1) ?? '',
  ]);
  expect(JSON.parse(status)).toMatchObject({ revision: Number(third?.revision) });
});

test('is a failure on record until one succeeds?', async () => {
  const lost = etcd.members[0];
  await backups().recordFailedBackup({ cluster: 'demo', because: 'etcd was away' });
  expect(await store.backups.get('demo')).toMatchObject({ failed: { because: 'etcd was away' } });
  expect(await kept()).toHaveLength(2);
  await backups().backUpEtcd({ cluster: 'demo' });
  expect(await store.backups.get('demo')).not.toHaveProperty('failed');
  lost?.freeze();
  try {
    await expect(backups().backUpEtcd({ cluster: 'demo' })).rejects.toThrow();
  } finally {
    lost?.thaw();
  }
});
