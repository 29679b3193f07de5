import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { converged, declare } from '../../cluster/decide/testing/fleet.ts';
import type { EtcdRecord, ObservedNode } from '../../cluster/observation.ts';
import { restoreDirectory, stopForRestore } from './etcd-restore.ts';
import type { EtcdPorts } from './etcd-access.ts';

const home = mkdtempSync(join(tmpdir(), 'cke-restore-'));
afterAll(() => rmSync(home, { recursive: true }));
const body = Buffer.alloc(1024, 1);
const file = Buffer.concat([body, createHash('sha256').update(body).digest()]);
const place = join(home, 'a.db');
writeFileSync(place, file);
const digest = createHash('sha256').update(file).digest('hex');

const { declaration, observation } = converged(declare());
const mandate = { cluster: declaration.name, revision: 1, epoch: 7, node: 'cp-1' };

interface Scene {
  digest?: string;
  directory?: ObservedNode['etcdDirectory'];
  exitCode?: number;
  /** Whether a restore is under way. */
  ordered?: 'no';
}

function sceneWith(scene: Scene = {}) {
  const happened: string[] = [];
  const note = (name: string) => async (what?: unknown) => {
    happened.push(`${name} ${typeof what === 'string' ? what : JSON.stringify(what)}`);
  };
  const memberships = { 'cp-1': { directory: 'm-2', state: 'first-start' as const } };
  const restore = { place, digest: scene.digest ?? digest, by: 'alice', at: '', before: { 'cp-1': 'm-1' } };
  const etcd: EtcdRecord = { state: 'started', token: 't', memberships, ...(scene.ordered !== 'no' && { restore }) };
  const labels = { 'cke.cluster': declaration.name, 'cke.epoch': '1', 'cke.spec': 'of before' };
  let unpacked = false;
  const docker = {
    inspect: async (name: string) => {
      if (name === 'restore-id') return { id: name, state: 'exited', exitCode: scene.exitCode ?? 0, labels };
      return name === 'cke-etcd-restore' ? undefined : { id: `${name}-id`, name, state: 'running', labels };
    },
    hasImage: async () => true,
    create: async ({ spec }: { spec: { command: string[] } }) => {
      happened.push(`run ${spec.command.slice(0, 5).join(' ')}`);
      unpacked = true;
      return { outcome: 'created', id: 'restore-id' };
    },
    start: async () => 'started',
    stop: note('stop'),
    remove: note('remove'),
    logs: async () => ['no space left'],
  };
  const files = {
    directoryState: async () => scene.directory ?? (unpacked ? 'intact' : 'absent'),
    makeDirectories: async () => undefined,
    removeTree: note('clear'),
    placeFile: note('place'),
    renamePath: note('rename'),
  };
  const wanted = async () => ({ component: 'etcd', container: { stop_seconds: 30 } });
  const ports = {
    places: { at: async () => ({ declaration, node: declaration.nodes[0], docker, files, wanted }) },
    fence: { mayAct: async () => undefined },
    store: { records: { all: async () => ({ ...observation.records, etcd }) } },
    pause: async () => undefined,
  } as unknown as EtcdPorts;
  return { ports, happened };
}

const volume = '/var/lib/etcd-cke';

describe('a data directory is made of a snapshot', () => {
  test('beside its name, and gets the name when it is whole; that of before is not touched (W-09)', async () => {
    const { ports, happened } = sceneWith();
    await restoreDirectory(ports, mandate);
    expect(happened).toEqual([
      `clear ${volume}/m-2.unfinished`,
      expect.stringMatching(/^place .*"to":".*m-2\.db"/u),
      `run etcdutl snapshot restore ${volume}/m-2.db --data-dir=${volume}/m-2.unfinished`,
      'remove restore-id',
      `rename {"from":"${volume}/m-2.unfinished","to":"${volume}/m-2"}`,
      `clear ${volume}/m-2.db`,
    ]);
  });

  test('once: an attempt that finds it whole takes the copy away, and does nothing else', async () => {
    const { ports, happened } = sceneWith({ directory: 'intact' });
    await restoreDirectory(ports, mandate);
    expect(happened).toEqual([`clear ${volume}/m-2.db`]);
  });

  test('not of another file than the one that the other members have', async () => {
    const { ports, happened } = sceneWith({ digest: 'another' });
    await expect(restoreDirectory(ports, mandate)).rejects.toThrow('is not the file any more');
    expect(happened).toEqual([]);
  });

  test('or not at all: what etcdutl said is told, and nothing gets its name', async () => {
    const { ports, happened } = sceneWith({ exitCode: 1 });
    await expect(restoreDirectory(ports, mandate)).rejects.toMatchObject({ complaint: { got: 'no space left' } });
    expect(happened.join()).not.toContain('rename');
  });

  test('only where a person has ordered it', async () => {
    const { ports, happened } = sceneWith({ ordered: 'no' });
    await expect(restoreDirectory(ports, mandate)).rejects.toMatchObject({ complaint: { code: 'StalePlan' } });
    await expect(stopForRestore(ports, mandate)).rejects.toMatchObject({ complaint: { code: 'StalePlan' } });
    expect(happened).toEqual([]);
  });
});

test('before a restore nothing of the old cluster is left running: its API server first, then its member', async () => {
  const { ports, happened } = sceneWith();
  await stopForRestore(ports, mandate);
  expect(happened).toEqual(['stop kube-apiserver-id', 'remove kube-apiserver-id', 'stop etcd-id', 'remove etcd-id']);
});
