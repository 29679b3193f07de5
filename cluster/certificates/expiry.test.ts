import { expect, test } from 'vitest';
import { expiring } from './expiry.ts';

const certificate = (notAfter: string) => ({ kind: 'kubelet' as const, serial: '1', notBefore: '', notAfter });

test.each([
  ['a year left, renewed 30 days before', ['2027-11-01T00:00:00Z'], undefined],
  ['29 days left', ['2026-11-30T00:00:00Z'], 'its kubelet certificate expires at 2026-11-30T00:00:00Z'],
  ['expired already', ['2026-10-01T00:00:00Z'], 'its kubelet certificate expires at 2026-10-01T00:00:00Z'],
  [
    'two are due: the first to end is named',
    ['2026-11-20T00:00:00Z', '2026-11-10T00:00:00Z'],
    'its kubelet certificate expires at 2026-11-10T00:00:00Z',
  ],
  ['none at all', [], undefined],
])('%s', (_name, ends, sentence) => {
  expect(expiring(ends.map(certificate), '2026-11-01T00:00:00Z', 30 * 24)).toBe(sentence);
});
