import { expect, test } from 'vitest';
import { byVault, declare } from '../../cluster/decide/testing/fleet.ts';
import type { EncryptionRecord } from '../../cluster/encryption/key-change.ts';
import type { Stored } from '../store/value.ts';
import { wantAnotherVersion } from './another-version.ts';
import { nextCipher } from './next-cipher.ts';

/** A Vault whose transit key has so many versions, and what was asked of it. */
function vaultWith(latest: number) {
  const asked: string[] = [];
  return {
    asked,
    transitKey: async () => ({ latest, oldest: 1 }),
    ensureTransitVersionAfter: async ({ than }: { than: number }) => {
      asked.push(`a version after ${than}`);
      return Math.max(latest, than + 1);
    },
    ensureEncryptionKey: async ({ key }: { key: string }) => void asked.push(key),
  };
}

const secretbox = '{provider: secretbox}';

test.each<
  [
    question: string,
    encryption: string,
    settled: EncryptionRecord['settled'],
    latest: number,
    to: string,
    asked: string[],
  ]
>([
  ['from keys of our own to Vault', byVault, ['secretbox key-3'], 1, 'kms v1', []],
  ['to Vault once more, later', byVault, ['secretbox key-3'], 4, 'kms v4', []],
  ['another version', byVault, ['kms v1'], 1, 'kms v2', ['a version after 1']],
  ['another version, which somebody has made already', byVault, ['kms v1'], 2, 'kms v2', ['a version after 1']],
  ['nothing declared: as it is', '', ['kms v1'], 1, 'kms v2', ['a version after 1']],
  ['back', secretbox, ['kms v2'], 2, 'secretbox key-4', ['key-4']],
  ['in clear', '{provider: none}', ['kms v2'], 2, 'identity', []],
])('%s: with what are Secrets written next?', async (_, encryption, settled, latest, to, asked) => {
  const vault = vaultWith(latest);
  const next = await nextCipher({ declaration: declare({ encryption }), record: { generation: 3, settled }, vault });
  expect(next).toEqual({ to, generation: to.startsWith('secretbox') ? 4 : 3 });
  expect(vault.asked).toEqual(asked);
});

test('a data key was wrapped at the moment of the rotation: does the change go on with one more version?', async () => {
  const change = { stage: 'rewriting', to: 'kms v2', by: 'ann', since: '2026-01-01T00:00:00Z' } as const;
  let stored: Stored<EncryptionRecord> = {
    value: { generation: 1, settled: ['kms v1'], change: { ...change, progress: { done: 3, of: 9 } } },
    version: '7',
  };
  const encryption = {
    get: async () => stored,
    put: async (_cluster: string, value: EncryptionRecord, { version }: { version: string }) => {
      expect(version).toBe('7');
      stored = { value, version: '8' };
      return stored;
    },
  };
  await wantAnotherVersion({ store: { encryption }, vault: vaultWith(2) }, 'test');
  expect(stored.value).toEqual({
    generation: 1,
    settled: ['kms v1'],
    change: { ...change, to: 'kms v3', stage: 'leading' },
  });
});
