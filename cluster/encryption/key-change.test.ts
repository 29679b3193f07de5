import { expect, test } from 'vitest';
import { isWrittenWith, providerOf, type Cipher } from './cipher.ts';
import { afterStage, ciphersOf, writingCipher, type EncryptionRecord } from './key-change.ts';

const begun = (from: Cipher[], to: Cipher): EncryptionRecord => ({
  generation: 2,
  settled: from,
  change: { stage: 'adding', to, by: 'ann', since: '2026-01-01T00:00:00Z' },
});

/** The record at each stage, the settled one before and the one after included. */
function walk(from: Cipher[], to: Cipher): EncryptionRecord[] {
  const first = begun(from, to);
  const { change: _none, ...before } = first;
  const stages = [before, first];
  for (let last = first; last.change !== undefined; stages.push(last)) last = afterStage(last);
  return stages;
}

test.each<[question: string, from: Cipher[], to: Cipher, expected: string[]]>([
  [
    'another key',
    ['secretbox key-1'],
    'secretbox key-2',
    [
      'secretbox key-1, identity',
      'secretbox key-1, secretbox key-2, identity',
      'secretbox key-2, secretbox key-1, identity',
      'secretbox key-2, secretbox key-1, identity',
      'secretbox key-2, identity',
      'secretbox key-2, identity',
    ],
  ],
  [
    'another provider, from a cluster of CKE with an old key',
    ['aescbc 2021-01-01T00:00:00Z', 'aescbc 2020-01-01T00:00:00Z'],
    'secretbox key-2',
    [
      'aescbc 2021-01-01T00:00:00Z, aescbc 2020-01-01T00:00:00Z, identity',
      'aescbc 2021-01-01T00:00:00Z, aescbc 2020-01-01T00:00:00Z, secretbox key-2, identity',
      'secretbox key-2, aescbc 2021-01-01T00:00:00Z, aescbc 2020-01-01T00:00:00Z, identity',
      'secretbox key-2, aescbc 2021-01-01T00:00:00Z, aescbc 2020-01-01T00:00:00Z, identity',
      'secretbox key-2, identity',
      'secretbox key-2, identity',
    ],
  ],
  [
    'switched on: identity first, then both',
    ['identity'],
    'secretbox key-2',
    [
      'identity',
      'identity, secretbox key-2',
      'secretbox key-2, identity',
      'secretbox key-2, identity',
      'secretbox key-2, identity',
      'secretbox key-2, identity',
    ],
  ],
  [
    'switched off',
    ['secretbox key-1'],
    'identity',
    [
      'secretbox key-1, identity',
      'secretbox key-1, identity',
      'identity, secretbox key-1',
      'identity, secretbox key-1',
      'identity',
      'identity',
    ],
  ],
])('%s: with what do API servers write and read, stage by stage?', (_, from, to, expected) => {
  expect(walk(from, to).map((record) => ciphersOf(record).join(', '))).toEqual(expected);
});

test.each<[Cipher[], Cipher]>([
  [['secretbox key-1'], 'secretbox key-2'],
  [['aescbc a', 'aescbc b'], 'secretbox key-2'],
  [['identity'], 'aescbc key-2'],
  [['secretbox key-1'], 'identity'],
])('%s → %s: can servers of neighbouring stages read what each other write (C-05)?', (from, to) => {
  const stages = walk(from, to);
  stages.slice(1).forEach((next, index) => {
    const before = stages[index];
    if (before === undefined) throw new Error('a stage is missing');
    expect(ciphersOf(before)).toContain(writingCipher(next));
    expect(ciphersOf(next)).toContain(next.change?.stage === 'dropping' ? to : writingCipher(before));
  });
});

test('after the change, is its key the only one, and its number the last?', () => {
  const [last] = walk(['secretbox key-1'], 'secretbox key-2').toReversed();
  expect(last).toEqual({ generation: 2, settled: ['secretbox key-2'] });
});

test('the count of one stage is not shown in the next', () => {
  const record = begun(['secretbox key-1'], 'secretbox key-2');
  const counted = {
    ...record,
    change: { ...record.change!, stage: 'rewriting' as const, progress: { done: 1, of: 2 } },
  };
  expect(afterStage(counted).change).not.toHaveProperty('progress');
});

test.each<[Cipher, string, boolean]>([
  ['secretbox key-1', 'k8s:enc:secretbox:v1:key-1:\u00f1', true],
  ['secretbox key-1', 'k8s:enc:secretbox:v1:key-10:\u00f1', false],
  ['secretbox key-1', 'k8s:enc:aescbc:v1:key-1:\u00f1', false],
  ['aescbc 2020-01-01T00:00:00Z', 'k8s:enc:aescbc:v1:2020-01-01T00:00:00Z:x', true],
  ['secretbox key-1', 'k8s\u0000\n\f\n\u0002v1', false],
  ['identity', 'k8s\u0000\n\f\n\u0002v1', true],
  ['identity', 'k8s:enc:secretbox:v1:key-1:\u00f1', false],
])('%s: did it write %j? %s', (cipher, start, expected) => {
  expect(isWrittenWith(cipher, start)).toBe(expected);
});

test('what is declared for what is in force', () => {
  expect((['identity', 'aescbc x', 'secretbox y'] as const).map(providerOf)).toEqual(['none', 'aescbc', 'secretbox']);
});
