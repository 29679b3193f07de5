import { describe, expect, test } from 'vitest';
import { newsOf, storiesOf, type Told } from './notification.ts';
import type { OperationReport } from './plan.ts';

const calm: OperationReport = {
  outcome: 'converged',
  rounds: 1,
  done: [],
  failed: [],
  blockers: [],
  waits: [],
  revision: 3,
  epoch: 1,
};
const lost = (node: string, seconds: number): OperationReport => ({
  ...calm,
  outcome: 'blocked',
  blockers: [
    {
      gate: 'node-unreachable',
      code: 'NodeUnreachable',
      node,
      because: `${node} does not answer for ${seconds} s`,
      fix: `bring ${node} back`,
    },
  ],
});
const loop: OperationReport = {
  ...calm,
  outcome: 'blocked',
  blockers: [{ gate: 'crash-loop', code: 'CrashLoop', node: 'w-1', component: 'kubelet', because: 'it dies' }],
};
const failed: OperationReport = {
  ...calm,
  outcome: 'failed',
  failed: [{ step: 'run kubelet on w-1: args changed', code: 'NotHealthy', message: 'it is not healthy' }],
};

/** The events of each report, in turn. */
function heard(reports: OperationReport[]): string[][] {
  let told: Told = {};
  return reports.map((report) => {
    const next = newsOf(storiesOf('prod', report), told);
    told = next.told;
    return next.news.map(({ event }) => event);
  });
}

describe('who is told what, and how often', () => {
  test.each<[string, OperationReport[], string[][]]>([
    ['a calm cluster says nothing', [calm, calm], [[], []]],
    ['the same story once, whatever its numbers', [lost('w-1', 5), lost('w-1', 65)], [['blocked'], []]],
    ['another node is another story', [lost('w-1', 5), lost('w-2', 5)], [['blocked'], ['blocked']]],
    ['good news after bad news only', [lost('w-1', 5), calm, calm], [['blocked'], ['converged'], []]],
    [
      'the same trouble after the good news',
      [lost('w-1', 5), calm, lost('w-1', 5)],
      [['blocked'], ['converged'], ['blocked']],
    ],
    ['a crash loop is told as one', [loop, loop], [['crash-loop'], []]],
    ['a failed step', [failed, failed, calm], [['failed'], [], ['converged']]],
  ])('%s', (_case, reports, events) => {
    expect(heard(reports)).toEqual(events);
  });

  test('a question for a yes brings the literal command', () => {
    const pending = {
      kind: 'upgrade',
      target: 'etcd',
      from: 'v3.6.15',
      to: 'v3.6.16',
      revision: 3,
      fingerprint: '3f9c2a71d04be85c6a10',
      risk: 'version-upgrade' as const,
      because: 'etcd goes from v3.6.15 to v3.6.16',
      nodes: ['cp-1'],
    };
    const [story] = storiesOf('prod', { ...calm, outcome: 'waiting', pending: [pending] });
    expect(story).toMatchObject({ event: 'approval-needed', keys: ['3f9c2a71d04be85c6a10'] });
    expect(story?.lines[0]).toContain('cke-client approve 3f9c2a71d04be85c6a10 --cluster prod');
  });

  test('a certificate that nobody renews is told with its date', () => {
    const because = 'its etcd-server certificate expires at 2026-02-01T00:00:00Z';
    const report = {
      ...calm,
      outcome: 'failed' as const,
      expiring: [{ node: 'cp-1', component: 'etcd' as const, because }],
    };
    const story = storiesOf('prod', report).find(({ event }) => event === 'certificate-expiry');
    expect(story).toMatchObject({ keys: ['cp-1 etcd'], lines: [`etcd on cp-1: ${because}`] });
  });
});
