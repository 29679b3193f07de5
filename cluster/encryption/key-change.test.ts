import { expect, test } from 'vitest';
import { isWrittenWith, providerOf, type Cipher } from './cipher.ts';
import {
  afterStage,
  ciphersOf,
  versionToKeep,
  versionToNotice,
  writingCipher,
  type EncryptionRecord,
} from './key-change.ts';

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
    'to Vault: its plugin is read with before it is written with',
    ['secretbox key-1'],
    'kms v1',
    [
      'secretbox key-1, identity',
      'secretbox key-1, kms vault, identity',
      'kms vault, secretbox key-1, identity',
      'kms vault, secretbox key-1, identity',
      'kms vault, identity',
      'kms vault, identity',
    ],
  ],
  [
    'another version of the transit key: nothing changes for API servers',
    ['kms v1'],
    'kms v2',
    Array.from({ length: 6 }, () => 'kms vault, identity'),
  ],
  [
    'away from Vault',
    ['kms v2'],
    'secretbox key-2',
    [
      'kms vault, identity',
      'kms vault, secretbox key-2, identity',
      'secretbox key-2, kms vault, identity',
      'secretbox key-2, kms vault, identity',
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

const none = undefined;
const never = Array.from({ length: 6 }, () => none);

test.each<[question: string, from: Cipher[], to: Cipher, notice: (number | undefined)[], keep: (number | undefined)[]]>(
  [
    ['another version', ['kms v1'], 'kms v2', [none, none, 2, 2, none, none], [none, none, none, none, 2, none]],
    ['to Vault', ['secretbox key-1'], 'kms v3', [none, none, 3, 3, none, none], never],
    ['away from Vault', ['kms v1'], 'secretbox key-2', never, never],
  ],
)(
  '%s: which version must API servers know of, and which is the oldest that is kept, stage by stage?',
  (_, from, to, notice, keep) => {
    const stages = walk(from, to);
    expect(stages.map(versionToNotice)).toEqual(notice);
    expect(stages.map(versionToKeep)).toEqual(keep);
  },
);

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
  expect(isWrittenWith(cipher, Buffer.from(start, 'latin1'))).toBe(expected);
});

test('what is declared for what is in force', () => {
  expect((['identity', 'aescbc x', 'secretbox y'] as const).map(providerOf)).toEqual(['none', 'aescbc', 'secretbox']);
});
