import { afterAll, expect, test } from 'vitest';
import { codeOf } from '../fixtures/code-of.ts';
import { newCluster, startTestStore } from '../fixtures/test-store.ts';

const order = { by: 'alice', data: 'trash' as const };
const { store, down } = await startTestStore();
afterAll(down);

/** A cluster with everything that is kept about one. */
async function standing(): Promise<string> {
  const cluster = newCluster();
  await store.declarations.put(cluster, 'name: a', { by: 'alice' });
  const epoch = await store.epochs.acquire(cluster);
  await store.pauses.set(cluster, { by: 'bob', because: 'holidays' });
  await store.hostKeys.pin(cluster, '10.0.0.1', 'SHA256:x');
  const node = { address: '10.0.0.1', user: 'cke', control_plane: true, ssh: { port: 22 } };
  await store.records.enrolNode(cluster, 'cp-1', node, { epoch });
  const question = {
    kind: 'remove-node',
    target: 'w',
    from: 'worker',
    to: 'gone',
    revision: 1,
    fingerprint: 'f'.repeat(20),
  };
  await store.approvals.request(cluster, [{ ...question, risk: 'worker-removal', because: 'it left', nodes: ['w'] }], {
    by: 'bob',
    expireAfterHours: 1,
    epoch,
  });
  return cluster;
}

test('who may still change a cluster that is being taken apart? Nobody but the order itself', async () => {
  const cluster = await standing();
  const { epoch } = await store.destructions.begin(cluster, order);
  expect(await codeOf(store.epochs.assertCurrent(cluster, 1))).toBe('Fenced');
  expect(await codeOf(store.epochs.acquire(cluster))).toBe('ClusterDestroyed');
  expect(await codeOf(store.declarations.put(cluster, 'name: b', { by: 'bob' }))).toBe('ClusterDestroyed');
  expect(await codeOf(store.resources.change(cluster, { put: new Map(), remove: ['-/ConfigMap/default/a'] }))).toBe(
    'ClusterDestroyed',
  );
  expect(await codeOf(store.epochs.assertCurrent(cluster, epoch))).toBe('no error');
  expect(
    await store.destructions.begin(cluster, { ...order, by: 'carol' }),
    'one that goes on is adopted',
  ).toMatchObject({
    by: 'alice',
    epoch,
  });
});

test('what is kept of a destroyed cluster, and can its name be used again?', async () => {
  const cluster = await standing();
  const { epoch } = await store.destructions.begin(cluster, order);
  await store.destructions.conclude(cluster, { left: [], epoch });
  expect(await store.destructions.conclude(cluster, { left: [], epoch }), 'again').toMatchObject({ left: [] });
  expect(await store.declarations.get(cluster, 'latest')).toBeUndefined();
  expect(await store.declarations.clusters()).not.toContain(cluster);
  expect(await store.pauses.get(cluster)).toBeUndefined();
  expect(await store.approvals.list(cluster)).toEqual([]);
  expect((await store.records.all(cluster)).nodes).toEqual({});
  expect(await store.hostKeys.get(cluster, '10.0.0.1')).toBe('SHA256:x');
  expect(await codeOf(store.epochs.acquire(cluster))).toBe('ClusterDestroyed');

  expect(await store.declarations.put(cluster, 'name: a', { by: 'bob', expectedRevision: 0 }), 'revisions go on').toBe(
    2,
  );
  expect(await store.destructions.get(cluster)).toBeUndefined();
  expect(await store.epochs.acquire(cluster), 'epochs go on').toBe(epoch + 1);
  expect(await store.declarations.clusters()).toContain(cluster);
});

test('does a node that was left stay on record until it is cleaned, or the name is used again?', async () => {
  const cluster = await standing();
  const first = await store.destructions.begin(cluster, order);
  const left = [{ node: 'cp-1', because: 'no answer' }];
  await store.destructions.conclude(cluster, { left, epoch: first.epoch });
  expect(Object.keys((await store.records.all(cluster)).nodes ?? {})).toEqual(['cp-1']);
  const second = await store.destructions.begin(cluster, order);
  expect(second).toMatchObject({ left, epoch: first.epoch + 1, revision: 1 });
  expect(await codeOf(store.destructions.conclude(cluster, { left: [], epoch: first.epoch })), 'the older one').toBe(
    'Fenced',
  );
  await store.destructions.conclude(cluster, { left, epoch: second.epoch });
  await store.declarations.put(cluster, 'name: b', { by: 'bob' });
  expect((await store.records.all(cluster)).nodes).toEqual({});
});
