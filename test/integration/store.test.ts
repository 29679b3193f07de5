import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CkeError } from '../../cluster/errors.ts';
import { openEtcdClient } from '../../activities/etcd/client.ts';
import { createStore, type Store } from '../../activities/store/store.ts';
import type { IntentChange } from '../../activities/store/watch.ts';
import { codeOf } from '../fixtures/code-of.ts';
import { startTestEtcd, type TestEtcd } from '../fixtures/etcd-cluster.ts';
import { newCluster } from '../fixtures/test-store.ts';

let etcd: TestEtcd;
let store: Store;
const open = (endpoints = etcd.members.map(({ clientUrl }) => clientUrl)) =>
  createStore({ endpoints, credentials: etcd.credentials, timeoutMs: 1_500 });

beforeAll(async () => {
  etcd = await startTestEtcd(3);
  store = open();
});
afterAll(async () => {
  store?.close();
  await etcd?.down();
});

describe('declarations', () => {
  test('do revisions count 1, 2, 3 in each cluster, and can each be read?', async () => {
    const [a, b] = [newCluster(), newCluster()];
    expect(await store.declarations.put(a, 'name: a', { by: 'alice' })).toBe(1);
    expect(await store.declarations.put(a, 'name: a2', { by: 'bob', expectedRevision: 1 })).toBe(2);
    expect(await store.declarations.put(b, 'name: b', { by: 'alice', expectedRevision: 0 })).toBe(1);
    expect(await store.declarations.get(a, 1)).toMatchObject({ revision: 1, text: 'name: a', by: 'alice' });
    expect(await store.declarations.get(a, 'latest')).toMatchObject({ revision: 2, text: 'name: a2', by: 'bob' });
    expect(await store.declarations.get(a, 3)).toBeUndefined();
    expect(await store.declarations.get(newCluster(), 'latest')).toBeUndefined();
    expect(await store.declarations.clusters()).toEqual(expect.arrayContaining([a, b].sort()));
  });

  test('77: is a change of an outdated revision refused, and the same text adopted?', async () => {
    const cluster = newCluster();
    await store.declarations.put(cluster, 'one', { by: 'alice' });
    await store.declarations.put(cluster, 'two', { by: 'bob', expectedRevision: 1 });
    expect(await codeOf(store.declarations.put(cluster, 'three', { by: 'alice', expectedRevision: 1 }))).toBe(
      'StoreConflict',
    );
    expect(await store.declarations.put(cluster, 'two', { by: 'bob', expectedRevision: 1 })).toBe(2);
  });

  test('78: does exactly one of many writers of the same revision win?', async () => {
    const cluster = newCluster();
    const writers = Array.from({ length: 8 }, (_, index) =>
      codeOf(store.declarations.put(cluster, `text ${index}`, { by: 'x', expectedRevision: 0 })),
    );
    const outcomes = await Promise.all(writers);
    expect(outcomes.filter((outcome) => outcome === 'no error')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'StoreConflict')).toHaveLength(7);
  });

  test('are only the last 50 revisions kept?', async () => {
    const cluster = newCluster();
    for (let n = 1; n <= 55; n++) await store.declarations.put(cluster, `text ${n}`, { by: 'x' });
    expect(await store.declarations.get(cluster, 5)).toBeUndefined();
    expect(await store.declarations.get(cluster, 6)).toMatchObject({ text: 'text 6' });
    expect(await store.declarations.get(cluster, 'latest')).toMatchObject({ revision: 55 });
  });

  test("can a cluster's name reach into another cluster's keys?", async () => {
    expect(await codeOf(store.declarations.put('a/epoch', 'x', { by: 'x' }))).toBe('InvalidRequest');
  });
});

describe('fencing', () => {
  test('is an older epoch refused once a newer one was taken?', async () => {
    const cluster = newCluster();
    expect(await store.epochs.current(cluster)).toBe(0);
    const taken = await Promise.all(Array.from({ length: 3 }, () => store.epochs.acquire(cluster)));
    expect(taken.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    await store.epochs.assertCurrent(cluster, 3);
    expect(await codeOf(store.epochs.assertCurrent(cluster, 2))).toBe('Fenced');
  });

  test('are records written under the current epoch only, and never over a change that was not read?', async () => {
    const cluster = newCluster();
    const old = await store.epochs.acquire(cluster);
    const { record, version } = await store.records.getEtcdRecord(cluster);
    expect(record).toEqual({ state: 'never' });
    const started = {
      state: 'started',
      token: 't',
      memberships: { n: { directory: 'm-1', state: 'first-start' } },
    } as const;
    const next = await store.records.putEtcdRecord(cluster, started, { version, epoch: old });
    expect(await store.records.putEtcdRecord(cluster, started, { version, epoch: old }), 'repeated').toBe(next);
    const done = { ...started, state: 'done' } as const;
    expect(await codeOf(store.records.putEtcdRecord(cluster, done, { version, epoch: old }))).toBe('StoreConflict');
    const epoch = await store.epochs.acquire(cluster);
    expect(await codeOf(store.records.putEtcdRecord(cluster, done, { version: next, epoch: old }))).toBe('Fenced');
    await store.records.putEtcdRecord(cluster, done, { version: next, epoch });
    const owned = { labels: ['a'], annotations: [], taints: [] };
    expect(await codeOf(store.records.putOwnedAttributes(cluster, 'n', owned, { epoch: old }))).toBe('Fenced');
    await store.records.putOwnedAttributes(cluster, 'n', owned, { epoch });
    await store.records.putCniConfiguration(cluster, 'n', '{"cni":1}', { epoch });
    expect(await store.records.all(cluster)).toEqual({
      etcd: done,
      ownedAttributes: { n: owned },
      cniConfigurations: { n: '{"cni":1}' },
      nodes: {},
      drains: {},
      leases: {},
      rotations: [],
      takenUp: {},
    });
    await store.records.removeNode(cluster, 'n', { epoch });
    expect(await store.records.all(cluster)).toEqual({
      etcd: done,
      ownedAttributes: {},
      cniConfigurations: {},
      nodes: {},
      drains: {},
      leases: {},
      rotations: [],
      takenUp: {},
    });
  });
});

test('does a pause keep who set it first, until it is cleared?', async () => {
  const cluster = newCluster();
  expect(await store.pauses.get(cluster)).toBeUndefined();
  await store.pauses.set(cluster, { by: 'alice', because: 'moving racks' });
  expect(await store.pauses.set(cluster, { by: 'bob', because: 'other' })).toMatchObject({ by: 'alice' });
  await store.pauses.clear(cluster);
  expect(await store.pauses.get(cluster)).toBeUndefined();
});

test('is a value that this program did not write reported with its key, not used?', async () => {
  const cluster = newCluster();
  const raw = openEtcdClient({ endpoint: etcd.member('m1').clientUrl, credentials: etcd.credentials, timeoutMs: 2000 });
  await raw.put(`cke/${cluster}/records/etcd`).value('{"state":"done"}').exec();
  raw.close();
  await expect(store.records.all(cluster)).rejects.toThrow(
    `cke/${cluster}/records/etcd in the management etcd is not as`,
  );
});

describe('watch', () => {
  test('is a new declaration and a pause seen, and what the program writes itself not?', async () => {
    const cluster = newCluster();
    const seen: IntentChange['what'][] = [];
    const stop = new AbortController();
    const watching = store.watch({ cluster, onChange: ({ what }) => seen.push(what), signal: stop.signal });
    await sleep(300);
    await store.epochs.acquire(cluster);
    await store.declarations.put(cluster, 'x', { by: 'x' });
    await store.pauses.set(cluster, { by: 'x', because: 'y' });
    await store.pauses.clear(cluster);
    await expect.poll(() => seen).toEqual(['declaration', 'pause', 'pause']);
    stop.abort();
    await watching;
  });
});

describe('when members of the management etcd fail', () => {
  test('is a member that is down or frozen passed over, and a watch carried on elsewhere?', async () => {
    const cluster = newCluster();
    const own = open();
    const seen: IntentChange['what'][] = [];
    const stop = new AbortController();
    const watching = own.watch({ cluster, onChange: ({ what }) => seen.push(what), signal: stop.signal });
    await sleep(300);
    await etcd.member('m1').end('SIGTERM');
    await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['unknown']);
    await expect
      .poll(() => codeOf(own.declarations.put(cluster, 'x', { by: 'x' })), { timeout: 10_000 })
      .toBe('no error');
    await expect.poll(() => seen).toEqual(['unknown', 'declaration']);
    stop.abort();
    await watching;
    own.close();
    await etcd.member('m1').start();
  });

  test('does every call end in time, with the endpoints in the message, when none answers?', async () => {
    const own = open();
    await own.epochs.current('x');
    for (const member of etcd.members) member.freeze();
    const begun = performance.now();
    await expect(own.declarations.get('x', 'latest')).rejects.toThrow(etcd.member('m1').clientUrl);
    expect(performance.now() - begun).toBeLessThan(6_000);
    for (const member of etcd.members) member.thaw();
    await expect.poll(() => codeOf(own.epochs.current('x')), { timeout: 15_000 }).toBe('no error');
    own.close();
  });

  test('is a client certificate of another CA refused as StoreUnavailable, without naming secrets?', async () => {
    const foreign = await startTestEtcd(1);
    const own = createStore({ endpoints: [etcd.member('m2').clientUrl], credentials: foreign.credentials });
    const error = await own.epochs.current('x').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CkeError);
    expect(JSON.stringify(error)).not.toContain('PRIVATE');
    own.close();
    await foreign.down();
  });
});
