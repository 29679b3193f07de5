import { describe, expect, test } from 'vitest';
import type { PendingApproval } from '../cluster/approval.ts';
import { pendingText, wholeFingerprint } from './answers.ts';

const upgrade: PendingApproval = {
  kind: 'upgrade',
  target: 'kubernetes',
  from: 'v1.33.4',
  to: 'v1.34.1',
  revision: 7,
  fingerprint: '3f9c2a71d04be85c6a10',
  risk: 'version-upgrade',
  because: 'kubernetes goes from v1.33.4 to v1.34.1',
  nodes: ['cp-1', 'cp-2'],
  requestedBy: 'alice@bastion',
  expiresAt: '2026-01-02T00:00:00.000Z',
};
const other = { ...upgrade, fingerprint: '3f9c2a71ffffffffffff' };

describe('which question does an operator mean?', () => {
  test.each([
    ['the whole fingerprint', upgrade.fingerprint, [upgrade, other]],
    ['enough of its digits', '3f9c2a71d', [upgrade, other]],
    ['in capitals', '3F9C2A71', [upgrade]],
  ])('%s', (_case, given, pending) => {
    expect(wholeFingerprint(given, pending)).toBe(upgrade.fingerprint);
  });

  test.each([
    ['digits that several begin with', '3f9c2a71', [upgrade, other], 'must name one question'],
    ['too few digits', '3f9c', [upgrade], 'must name one question'],
    ['another fingerprint', '00000000000000000000', [upgrade], 'does not wait for an answer'],
    ['when nothing waits', upgrade.fingerprint, [], 'does not wait for an answer'],
  ])('not answered: %s', (_case, given, pending, because) => {
    expect(() => wholeFingerprint(given, pending)).toThrow(because);
  });
});

test('a question is shown with who asked, until when, and the literal commands', () => {
  expect(pendingText(upgrade, 'prod')).toBe(
    [
      'upgrade: kubernetes, v1.33.4 → v1.34.1 (version-upgrade; now on cp-1, cp-2): kubernetes goes from v1.33.4 to v1.34.1',
      '    asked  for alice@bastion, until 2026-01-02T00:00:00.000Z',
      '    yes    cke-client approve 3f9c2a71d04be85c6a10 --cluster prod',
      '    no     cke-client reject 3f9c2a71d04be85c6a10 --reason "…" --cluster prod',
    ].join('\n'),
  );
});
