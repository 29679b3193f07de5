import { expect, test } from 'vitest';
import type { ApprovalRecord } from '../../activities/store/approvals.ts';
import type { HistoryEntry } from '../../activities/store/history.ts';
import { historyText, withAccess, withAnswers, withLoginKeys } from './history.ts';

const entry = (at: string): HistoryEntry => ({
  at,
  because: 'alice applied cluster.yaml',
  requestedBy: 'alice@bastion',
  report: { outcome: 'converged', rounds: 1, done: [], failed: [], blockers: [], waits: [], revision: 3, epoch: 1 },
});
const answered = (at: string, answer: 'approved' | 'rejected'): ApprovalRecord => ({
  kind: 'upgrade',
  target: 'etcd',
  from: 'v3.6.15',
  to: 'v3.6.16',
  revision: 3,
  fingerprint: at,
  risk: 'version-upgrade',
  because: 'etcd goes from v3.6.15 to v3.6.16',
  nodes: ['cp-1'],
  requestedBy: 'alice@bastion',
  requestedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-02T00:00:00.000Z',
  answer: { answer, by: 'bob@bastion', at, ...(answer === 'rejected' && { reason: 'not today' }) },
});

test('who answered what stands with the operation that followed', () => {
  const entries = [entry('2026-01-01T01:00:00.000Z'), entry('2026-01-01T02:00:00.000Z')];
  const answers = [
    answered('2026-01-01T00:30:00.000Z', 'approved'),
    answered('2026-01-01T01:30:00.000Z', 'rejected'),
    answered('2026-01-01T02:30:00.000Z', 'approved'),
  ];
  const { answer: _none, ...open } = answered('2026-01-01T03:00:00.000Z', 'approved');
  const told = withAnswers(entries, [...answers, open]);
  expect(told.map((one) => one.answers?.map(({ fingerprint }) => fingerprint))).toEqual([
    ['2026-01-01T00:30:00.000Z'],
    ['2026-01-01T01:30:00.000Z', '2026-01-01T02:30:00.000Z'],
  ]);
  const text = historyText(told, { now: Date.parse('2026-01-01T03:00:00.000Z'), detail: 'steps' });
  expect(text).toContain('bob@bastion rejected upgrade: etcd, v3.6.15 → v3.6.16: not today');
});

test('who took a kubeconfig stands in history, with the name that it carries', () => {
  const entries = [entry('2026-01-01T01:00:00.000Z'), entry('2026-01-01T02:00:00.000Z')];
  const taken = (at: string) => ({
    at,
    by: 'alice@bastion',
    user: 'bob',
    groups: ['viewers'],
    serial: '0a:0b',
    notAfter: '2026-01-01T04:00:00.000Z',
  });
  const [before, during, after] = ['00:30', '01:30', '02:30'].map((time) => taken(`2026-01-01T${time}:00.000Z`));
  const told = withAccess(
    entries,
    [before, during, after].flatMap((one) => one ?? []),
  );
  expect(told.map(({ access }) => access)).toEqual([[before], [during, after]]);
  for (const detail of ['summary', 'steps'] as const)
    expect(historyText(told, { now: 0, detail })).toMatch(/alice@bastion took a kubeconfig for bob \(viewers\)/);
});

test('who exchanged the SSH key stands in history, with the key that opens the nodes now', () => {
  const entries = [entry('2026-01-01T01:00:00.000Z'), entry('2026-01-01T02:00:00.000Z')];
  const did = (time: string, change: 'used' | 'alone') => ({
    at: `2026-01-01T${time}:00.000Z`,
    by: 'alice@bastion',
    change,
    fingerprint: 'SHA256:abc',
  });
  const keys = [did('01:30', 'used'), did('01:31', 'alone')];
  const told = withLoginKeys(entries, keys);
  expect(told.map(({ loginKeys }) => loginKeys)).toEqual([undefined, keys]);
  for (const detail of ['summary', 'steps'] as const) {
    const text = historyText(told, { now: 0, detail });
    expect(text).toContain('alice@bastion has the nodes opened with the new SSH key SHA256:abc');
    expect(text).toContain('alice@bastion took the SSH key before SHA256:abc off the nodes');
  }
});
