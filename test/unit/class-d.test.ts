import { describe, expect, test } from 'vitest';
import { whyNoAnswer, type ApprovalRecord } from '../../activities/store/approvals.ts';
import { decide } from '../../cluster/decide/decide.ts';
import { judgeObservedChange } from '../../cluster/decide/change-rules.ts';
import { resized } from '../../cluster/decide/testing/membership.ts';
import { judgeChange } from '../../cluster/declaration/changes.ts';
import { judgeEnrolment } from '../../cluster/declaration/enrolment.ts';
import type { Problem } from '../../cluster/declaration/problem.ts';
import { accepted, document, fleet, nodes, options, refused } from '../../cluster/declaration/testing/minimal.ts';
import { mayRestore } from '../../cluster/etcd/restore.ts';
import { changedSince } from '../../cluster/saved-plan.ts';
import type { EtcdView } from '../../cluster/view.ts';

const rolling = { update_strategy: 'update_strategy: {rolling_replace: true}' };
const cp = (...last: number[]) => nodes(...last.map((n) => `address: 10.0.0.${n}, user: cke, control_plane: true`));
const version = (text: string) => document({ x: `kubernetes_version: ${text}` });
const domain = 'apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, clusterDomain: b.org';

const change = (from: string, to: string) => judgeChange(accepted(from), accepted(to));
const seen = (synced: string): EtcdView => ({
  state: 'observed',
  members: [1, 2, 3].map((n) => ({
    node: `10.0.0.${n}`,
    id: String(n),
    role: 'voter',
    sync: synced.includes(String(n)) ? 'synced' : 'unsynced',
    leader: 'follower',
  })),
});
const observed = (to: string, synced: string) =>
  judgeObservedChange({ accepted: accepted(document(cp(1, 2, 3))), wished: accepted(to), etcd: seen(synced) });
const elsewhere = [{ cluster: 'other', nodes: [{ name: 'w-7', address: '10.0.0.2' }] }];

interface Row {
  number: string;
  question: string;
  found: () => Problem[];
  /** Code and JSON pointer of the problem; nothing: accepted. */
  at?: string;
  /** What got, want and hint say: numbers, and what would allow it. */
  says?: RegExp;
}

// prettier-ignore
const rows: Row[] = [
  { number: '30', question: 'a name that another cluster has', found: () => change(document(cp(1)), document(cp(9))), at: 'name-in-use /name', says: /runs on 10\.0\.0\.1.*name of its own/ },
  { number: '34', question: 'the service subnet changed', found: () => change(document(), document({ service_subnet: 'service_subnet: 10.97.0.0/16' })), at: 'immutable-field /service_subnet', says: /10\.96\.0\.0\/16 → 10\.97\.0\.0\/16/ },
  { number: '35', question: 'the cluster domain changed', found: () => change(document(), document(options('kubelet', `config: {${domain}}`))), at: 'immutable-field /options/kubelet/config/clusterDomain', says: /cluster\.local → b\.org/ },
  { number: '38', question: 'a minor skipped', found: () => change(version('1.33.5'), version('1.35.0')), at: 'minor-skipped /kubernetes_version', says: /a version of 1\.34 first/ },
  { number: '39', question: 'a downgrade', found: () => change(version('1.34.4'), version('1.33.9')), at: 'downgrade /kubernetes_version', says: /1\.34\.4 or later/ },
  { number: '40', question: 'etcd below the floor', found: () => refused(document({ x: 'images: {etcd: "quay.io/coreos/etcd:v3.5.9"}' })), at: 'etcd-version /images/etcd', says: /3\.6\.14.*security floor/ },
  { number: '55', question: 'removes 2 of 3 control planes', found: () => change(document(cp(1, 2, 3)), document(cp(1))), at: 'control-plane-majority /nodes', says: /1 of 3.*1 < quorum 2.*rolling_replace/ },
  { number: '56', question: 'replaces all 3 at once', found: () => change(document(cp(1, 2, 3)), document(cp(4, 5, 6))), at: 'control-plane-majority /nodes', says: /0 of 3.*majority overlap.*rolling_replace: true/ },
  { number: '56', question: 'the same, one after the other', found: () => change(document(cp(1, 2, 3)), document({ ...cp(4, 5, 6), ...rolling })) },
  { number: '57', question: 'removes a healthy one while another is down', found: () => observed(document(cp(1, 3, 4)), '13'), },
  { number: '57', question: 'removes the healthy one, the one that is down stays', found: () => observed(document(cp(1, 3, 4)), '12'), at: 'control-plane-margin /nodes', says: /10\.0\.0\.3 is unsynced.*margin -1.*bring back or replace 10\.0\.0\.3 first/ },
  { number: '58', question: 'shrinks 3 → 1, one after the other, all in sync', found: () => observed(document({ ...cp(1), ...rolling }), '123') },
  { number: '58', question: 'the same while one is down', found: () => observed(document({ ...cp(1), ...rolling }), '12'), at: 'control-plane-margin /nodes', says: /2 of 3 members in sync.*all 3 in sync.*10\.0\.0\.3 has to be back/ },
  { number: '59', question: 'demotes the only one that is up to date', found: () => observed(document({ ...nodes('address: 10.0.0.1, user: cke', ...[2, 3, 4].map((n) => `address: 10.0.0.${n}, user: cke, control_plane: true`)) }), '1'), at: 'control-plane-margin /nodes', says: /10\.0\.0\.1 in sync would leave.*0 of the 2 that stay are in sync/ },
  { number: '60', question: 'a machine of another cluster', found: () => judgeEnrolment(accepted(document(fleet(1, 1))), elsewhere), at: 'enrolled-elsewhere /nodes/1/address', says: /w-7 of cluster other.*take it out/ },
  { number: '62', question: 'encryption of Secrets taken away', found: () => refused(document(options('kube-api', 'extra_args: ["--encryption-provider-config="]'))), at: 'managed-flag /options/kube-api/extra_args/0', says: /./ },
];

describe('class D: is a change refused before anything starts, with its path, the numbers, and what would allow it?', () => {
  test.each(rows)('$number: $question', ({ found, at, says = /./ }) => {
    const problems = found();
    if (at === undefined) return expect(problems).toEqual([]);
    const problem = problems.find(({ code, path }) => `${code} ${path}` === at);
    expect(problem, JSON.stringify(problems)).toBeDefined();
    expect(`${problem?.got}; ${problem?.want}; ${problem?.hint}`).toMatch(says);
  });
});

test('58: a shrink to one is asked for, whatever the policy of the declaration', () => {
  const facts = resized({ from: 3, to: 1 });
  expect(facts.declaration.approvals.required_for).not.toContain('control-plane-removal');
  const { pending = [], steps } = decide(facts);
  expect(pending.map(({ risk, because }) => `${risk}: ${because}`)).toContainEqual(
    expect.stringMatching(/^control-plane-removal: .*one control plane bears no failure/),
  );
  expect(steps.filter(({ kind }) => kind === 'remove-etcd-member' || kind === 'drain-node')).toEqual([]);
});

const lost = { voters: { synced: 1, total: 3 }, currentRevision: '900' };
test.each([
  [
    '74: older than the cluster',
    { ...lost, snapshotRevision: '700', loss: 'not accepted' },
    /200 revisions would be lost/,
  ],
  ['74: the same, the loss being accepted', { ...lost, snapshotRevision: '700', loss: 'accepted' }, undefined],
  [
    '74: nobody knows how far the cluster was',
    { ...lost, currentRevision: undefined, snapshotRevision: '700', loss: 'not accepted' },
    /cannot observe/,
  ],
  [
    '75: while the quorum is healthy',
    { ...lost, voters: { synced: 2, total: 3 }, snapshotRevision: '900', loss: 'accepted' },
    /2 of 3 voters are in sync/,
  ],
  [
    '75: nobody knows whether it is',
    { ...lost, voters: undefined, running: ['cp-1', 'cp-2'], snapshotRevision: '900', loss: 'accepted' },
    /cannot observe.*etcd runs on cp-1, cp-2/,
  ],
] as const)('may a snapshot be restored? %s', (_, facts, says) => {
  const verdict = mayRestore(facts);
  if (says === undefined) expect(verdict.kind).toBe('allowed');
  else expect(verdict).toMatchObject({ because: expect.stringMatching(says) as string });
});

const question: ApprovalRecord = {
  kind: 'remove-node',
  target: 'w',
  from: 'worker',
  to: 'gone',
  revision: 1,
  fingerprint: 'f',
  nodes: ['w'],
  risk: 'worker-removal',
  because: 'it left',
  requestedBy: 'bob',
  requestedAt: '2026-01-01T00:00:00Z',
  expiresAt: '2026-01-02T00:00:00Z',
};
const alice = { answer: 'approved', by: 'alice', at: '2026-01-01T01:00:00Z' } as const;
test.each<[string, ApprovalRecord | undefined, RegExp | undefined]>([
  ['another fingerprint', undefined, /nobody asked for it/],
  ['it has expired', { ...question, expiresAt: '2026-01-01T02:00:00Z' }, /expired at 2026-01-01T02/],
  ['the same approver twice', { ...question, answer: alice }, /you have approved it already/],
  ['somebody else has answered', { ...question, answer: { ...alice, by: 'bob' } }, /bob has approved it already/],
  ['it was used', { ...question, answer: alice, spentAt: '2026-01-01T03:00:00Z' }, /used at .* holds for one time/],
  ['nothing speaks against it', question, undefined],
])('76: does an answer count? %s', (_, value, says) => {
  const given = { fingerprint: 'f', answer: 'approved', by: 'alice' } as const;
  const said = whyNoAnswer(value && { value }, given, new Date('2026-01-01T12:00:00Z'));
  if (says === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(says);
});

test('77: is a plan that was made from an older revision refused, with both revisions?', () => {
  const identity = { text: 't', steps: [], observed: {} };
  const saved = { version: 1, cluster: 'c', madeAt: '', revision: 4, declaration: '', identity } as const;
  expect(changedSince(saved, { revision: 5, identity })).toEqual([expect.stringMatching(/revision 5 is next, 4 was/)]);
});
