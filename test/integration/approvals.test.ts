import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approvalFacts, leftOver } from '../../activities/approvals.ts';
import type { PendingApproval } from '../../cluster/approval.ts';
import { CkeError } from '../../cluster/errors.ts';
import { startTestStore } from '../fixtures/test-store.ts';

let now = new Date('2026-01-01T00:00:00.000Z');
let cluster = '';
let epoch = 0;
let count = 0;

const { store, down } = await startTestStore({ timeoutMs: 3_000, now: () => now });
afterAll(down);

const question = (fingerprint: string): PendingApproval => ({
  kind: 'remove-node',
  target: 'w-9',
  from: 'worker',
  to: 'gone',
  revision: 1,
  fingerprint,
  risk: 'worker-removal',
  because: 'it has left the declaration',
  nodes: ['w-9'],
});
const later = (hours: number) => (now = new Date(now.getTime() + hours * 3_600_000));
const ask = (...fingerprints: string[]) =>
  store.approvals.request(cluster, fingerprints.map(question), { by: 'alice', expireAfterHours: 24, epoch });
const answer = (fingerprint: string, by = 'bob', given: 'approved' | 'rejected' = 'approved') =>
  store.approvals.answer(cluster, { fingerprint, answer: given, by });
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error: unknown) => (error instanceof CkeError ? `${error.complaint.code}: ${error.message}` : String(error)),
  );
const state = async (fingerprint: string) =>
  approvalFacts(await store.approvals.list(cluster), 1, now).stateOf(fingerprint).state;

async function fresh(): Promise<void> {
  cluster = `c-${(count += 1)}`;
  epoch = await store.epochs.acquire(cluster);
}

describe('a question', () => {
  beforeAll(fresh);

  test('is asked once: who asked first and until when stay', async () => {
    const [first] = await ask('q-1');
    later(1);
    const [again] = await ask('q-1');
    expect(again).toEqual(first);
    expect(first).toMatchObject({ requestedBy: 'alice', expiresAt: '2026-01-02T00:00:00.000Z' });
    expect(await state('q-1')).toBe('open');
  });

  test('is not asked by an operation that a newer one has overtaken', async () => {
    const old = epoch;
    epoch = await store.epochs.acquire(cluster);
    const asked = store.approvals.request(cluster, [question('q-2')], { by: 'x', expireAfterHours: 1, epoch: old });
    expect(await refusal(asked)).toMatch(/^Fenced/);
  });
});

describe('an answer', () => {
  beforeAll(fresh);

  test('counts from the moment it is on record, with the name of who gave it', async () => {
    await ask('q-1');
    expect(await answer('q-1')).toMatchObject({ answer: { answer: 'approved', by: 'bob' } });
    expect(await state('q-1')).toBe('approved');
  });

  test('counts once: the same person, and another one, are refused', async () => {
    expect(await refusal(answer('q-1'))).toMatch(
      /^ApprovalRefused: q-1 can't be approved: you have approved it already/,
    );
    expect(await refusal(answer('q-1', 'carol', 'rejected'))).toContain('bob has approved it already');
  });

  test('of many at the same moment one counts', async () => {
    await ask('q-2');
    const all = await Promise.all(['a', 'b', 'c', 'd'].map((by) => refusal(answer('q-2', by))));
    expect(all.filter((one) => one === 'no error')).toHaveLength(1);
  });

  test('to something that nobody asked is refused', async () => {
    expect(await refusal(answer('q-9'))).toContain('nobody asked for it');
  });

  test('holds for one time: used, it allows nothing, and can’t be given again', async () => {
    await store.approvals.spend(cluster, ['q-1'], { epoch });
    expect(await state('q-1')).toBe('open');
    expect(await refusal(answer('q-1'))).toContain('it was used at');
    await ask('q-1');
    expect(await state('q-1')).toBe('open');
    expect(await refusal(answer('q-1'))).toBe('no error');
  });

  test('expires, answered or not, and is then asked anew', async () => {
    await ask('q-3');
    await answer('q-3');
    later(25);
    expect(await state('q-3')).toBe('open');
    await ask('q-4');
    later(25);
    expect(await refusal(answer('q-4'))).toContain('it expired at');
    const [again] = await ask('q-4');
    expect(Date.parse(again?.expiresAt ?? '')).toBeGreaterThan(now.getTime());
    expect(again?.answer).toBeUndefined();
  });

  test('no is remembered with its reason', async () => {
    await ask('q-5');
    await store.approvals.answer(cluster, { fingerprint: 'q-5', answer: 'rejected', by: 'bob', reason: 'not today' });
    const facts = approvalFacts(await store.approvals.list(cluster), 1, now);
    expect(facts.stateOf('q-5')).toEqual({ state: 'rejected', by: 'bob', reason: 'not today' });
  });

  test('is left over when the cluster is as declared, and not before', async () => {
    await ask('q-6');
    await answer('q-6');
    const records = await store.approvals.list(cluster);
    const plan = { phase: 'components' as const, steps: [], blockers: [], waits: [] };
    expect(leftOver(records, plan, now)).toEqual([]);
    expect(leftOver(records, { ...plan, phase: 'converged' }, now)).toEqual(['q-6']);
  });
});
