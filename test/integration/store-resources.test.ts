import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import type { IntentChange } from '../../activities/store/watch.ts';
import { codeOf } from '../fixtures/code-of.ts';
import { newCluster, startTestStore } from '../fixtures/test-store.ts';

const { store, down } = await startTestStore();
afterAll(down);

describe('resources', () => {
  const key = (index: number) => `-/ConfigMap/default/c-${index}`;
  const wish = (index: number) => ({
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `c-${index}` },
      data: { text: 'x'.repeat(10_000) },
    },
    by: 'alice',
    at: '2026-01-01T00:00:00.000Z',
  });
  const many = new Map(Array.from({ length: 250 }, (_, index) => [key(index), wish(index)]));

  test('more than etcd takes at once is stored in parts, and each has a revision', async () => {
    const cluster = newCluster();
    await store.resources.change(cluster, { put: many, remove: [] });
    const revisions = await store.resources.revisions(cluster);
    expect(revisions.size).toBe(250);
    const one = (await store.resources.definitions(cluster, [key(7), key(999)])).get(key(7));
    expect(one).toEqual({ resource: wish(7), revision: revisions.get(key(7)) });
    await store.resources.change(cluster, { put: new Map([[key(7), wish(8)]]), remove: [key(9)] });
    const after = await store.resources.revisions(cluster);
    expect(after.get(key(7))).not.toBe(revisions.get(key(7)));
    expect(after.get(key(8))).toBe(revisions.get(key(8)));
    expect(after.has(key(9))).toBe(false);
  });

  test('what was applied is recorded by the present operation only', async () => {
    const cluster = newCluster();
    const old = await store.epochs.acquire(cluster);
    const record = { apiVersion: 'v1', revision: '7', fields: 'f' };
    await store.resources.putApplied(cluster, new Map([[key(1), record]]), { epoch: old });
    const epoch = await store.epochs.acquire(cluster);
    const late = store.resources.putApplied(cluster, new Map([[key(1), 'forget' as const]]), { epoch: old });
    expect(await codeOf(late)).toBe('Fenced');
    expect(await store.resources.applied(cluster)).toEqual(new Map([[key(1), record]]));
    await store.resources.putApplied(cluster, new Map([[key(1), 'forget' as const]]), { epoch });
    expect((await store.resources.applied(cluster)).size).toBe(0);
  });

  test('a change wakes who watches', async () => {
    const cluster = newCluster();
    const seen: IntentChange[] = [];
    const end = new AbortController();
    const watching = store.watch({ cluster, signal: end.signal, onChange: (change) => seen.push(change) });
    for (let index = 0; seen.length === 0; index += 1) {
      await store.resources.change(cluster, { put: new Map([[key(index), wish(index)]]), remove: [] });
      await sleep(100);
    }
    end.abort();
    await watching;
    expect(seen[0]?.what).toBe('resources');
  });
});
