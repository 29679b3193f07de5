import { afterAll, describe, expect, test } from 'vitest';
import { openEtcdClient } from '../../activities/etcd/client.ts';
import type { OperationReport } from '../../cluster/plan.ts';
import { newCluster, startTestStore } from '../fixtures/test-store.ts';

const { store, etcd, down } = await startTestStore();
afterAll(down);

test('is a host key pinned once and then kept, until a person accepts another?', async () => {
  const cluster = newCluster();
  expect(await store.hostKeys.get(cluster, 'fd00::1')).toBeUndefined();
  expect(await store.hostKeys.pin(cluster, 'fd00::1', 'SHA256:aaa')).toBe('SHA256:aaa');
  expect(await store.hostKeys.pin(cluster, 'fd00::1', 'SHA256:bbb')).toBe('SHA256:aaa');
  const accepted = { key: 'SHA256:ccc', by: 'alice' };
  expect(await store.hostKeys.accept(cluster, 'fd00::1', accepted)).toBe('SHA256:aaa');
  expect(await store.hostKeys.pin(cluster, 'fd00::1', 'SHA256:bbb')).toBe('SHA256:ccc');
});

const report = (epoch: number): OperationReport => ({
  outcome: 'converged',
  rounds: 1,
  done: ['x'],
  failed: [],
  blockers: [{ gate: 'I-01', code: 'QuorumAtRisk', because: 'b', fix: 'f' }],
  waits: [],
  revision: 1,
  epoch,
});

const entry = (epoch: number) => ({
  at: new Date().toISOString(),
  because: 'timer',
  requestedBy: 'x',
  report: report(epoch),
});

test('does history keep the latest 1000 operations, the latest first?', async () => {
  const cluster = newCluster();
  for (let epoch = 1; epoch <= 1005; epoch++) await store.history.append(cluster, entry(epoch));
  await store.history.append(cluster, entry(1005));
  const listed = await store.history.list(cluster, 2000);
  expect(listed).toHaveLength(1000);
  expect([listed[0]?.report.epoch, listed.at(-1)?.report.epoch]).toEqual([1005, 6]);
  expect(await store.history.list(cluster, 3)).toHaveLength(3);
});

describe('access that people were given', () => {
  test('is it on record for a year, in the order of time, for its cluster only?', async () => {
    const cluster = newCluster();
    const given = (at: string, serial: string) => ({
      at,
      by: 'alice@bastion',
      user: 'alice',
      groups: ['viewers'],
      serial,
      notAfter: '2026-01-03T00:00:00.000Z',
    });
    const [first, second] = [given('2026-01-01T00:00:00.000Z', '0a:0b'), given('2026-01-02T00:00:00.000Z', '0c:0d')];
    await store.issued.append(cluster, second);
    await store.issued.append(cluster, first);
    expect(await store.issued.list(cluster, 10)).toEqual([second, first]);
    expect(await store.issued.list(cluster, 1)).toEqual([second]);
    expect(await store.issued.list(newCluster(), 10)).toEqual([]);
    const [endpoint = ''] = etcd.members.map(({ clientUrl }) => clientUrl);
    const client = openEtcdClient({ endpoint, credentials: etcd.credentials, timeoutMs: 1_500 });
    const { kvs } = await client.getAll().prefix(`cke/${cluster}/issued/`).exec();
    client.close();
    expect(kvs.map(({ lease }) => lease !== '0')).toEqual([true, true]);
  });
});

test('who exchanged the SSH key: is it on record, in the order of time, for its cluster only?', async () => {
  const cluster = newCluster();
  const record = (at: string, change: 'used' | 'alone') => ({
    at,
    by: 'alice@bastion',
    change,
    fingerprint: 'SHA256:a',
  });
  const [first, second] = [record('2026-01-01T00:00:00.000Z', 'used'), record('2026-01-01T00:00:01.000Z', 'alone')];
  await store.loginKeys.append(cluster, second);
  await store.loginKeys.append(cluster, first);
  expect(await store.loginKeys.list(cluster)).toEqual([first, second]);
  expect(await store.loginKeys.list(newCluster())).toEqual([]);
});
