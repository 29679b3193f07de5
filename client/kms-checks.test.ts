import { describe, expect, test } from 'vitest';
import type { AuthorityTrust, Rotation } from '../cluster/certificates/trust.ts';
import { byVault, declare } from '../cluster/decide/testing/fleet.ts';
import type { EncryptionRecord } from '../cluster/encryption/key-change.ts';
import { CkeError } from '../cluster/errors.ts';
import type { NodeView } from '../cluster/view.ts';
import type { CheckResult } from './checks.ts';
import { kmsChecks, pluginChecks, type KmsFacts } from './kms-checks.ts';

const settled: EncryptionRecord = { generation: 1, settled: ['kms v2'] };
const to3 = { to: 'kms v3', by: 'ann', since: '2026-01-01T00:00:00Z' } as const;

const begun: Rotation = {
  stage: 'trust-both',
  from: 'root-1',
  to: 'root-2',
  by: 'ann@bastion',
  startedAt: to3.since,
  since: to3.since,
  direction: 'forward',
  without: [],
  pods: 'ask',
};

interface Case extends Partial<Omit<KmsFacts, 'vault'>> {
  encryption?: string;
  key?: { latest: number; oldest: number } | CkeError;
  drift?: string;
  trust?: AuthorityTrust;
}

async function examine({ encryption = byVault, key = { latest: 3, oldest: 2 }, drift, trust, ...rest }: Case) {
  const declaration = { ...declare({ encryption }), ...(trust && { trust: { 'vault-kms': trust } }) };
  const vault = {
    transitKey: async () => {
      if (key instanceof CkeError) throw key;
      return key;
    },
    kmsLoginDrift: async () => drift,
  };
  return kmsChecks({ cluster: 'prod', declaration, record: settled, vault, ...rest });
}

const complaints = (results: CheckResult[]) =>
  results.flatMap((one) => (one.state === 'bad' ? [`${one.check}: ${one.complaint.message}`] : []));
const cures = (results: CheckResult[]) => results.flatMap((one) => (one.state === 'bad' ? [one.complaint.fix] : []));

describe('what the provider kms needs of Vault', () => {
  test('all is well: which versions there are, and which Secrets need', async () => {
    expect(await examine({})).toEqual([
      { check: 'transit key', state: 'ok', detail: 'versions 2 to 3 unwrap; Secrets need 2' },
      { check: 'vault-kms login', state: 'ok', detail: 'lets plugins in by their CA' },
    ]);
  });

  test.each<[string, EncryptionRecord | undefined]>([
    ['never recorded', undefined],
    ['secretbox', { generation: 1, settled: ['secretbox key-1'] }],
  ])('another provider is declared and in force (%s): nothing is asked', async (_, record) => {
    expect(await examine({ encryption: '{provider: secretbox}', record })).toEqual([]);
  });

  test('another provider is declared, and Secrets still need Vault: it is asked', async () => {
    expect(await examine({ encryption: '{provider: secretbox}' })).toHaveLength(2);
  });

  test('declared, and nothing written yet', async () => {
    const [first] = await examine({ record: undefined });
    expect(first).toMatchObject({ state: 'ok', detail: expect.stringContaining('no Secret needs it yet') });
  });

  test.each(['VaultSealed', 'VaultUnreachable', 'NotInitialised'] as const)('%s: said, with its cure', async (code) => {
    const key = new CkeError({ code, message: 'it does not answer', fix: 'the cure', remedy: 'retry' });
    const results = await examine({ key });
    expect([complaints(results), cures(results)]).toEqual([['transit key: it does not answer'], ['the cure']]);
  });

  test('the version that Secrets need is given up', async () => {
    const results = await examine({ key: { latest: 3, oldest: 3 } });
    expect(complaints(results)[0]).toMatch(/does not unwrap what version 2 of the transit key has wrapped/);
    expect(cures(results)).toEqual(['vault write cke/prod/transit/keys/secrets/config min_decryption_version=2']);
  });

  test('while the old version is dropped it is not needed any more', async () => {
    const record: EncryptionRecord = { ...settled, change: { ...to3, stage: 'dropping' } };
    expect(complaints(await examine({ record, key: { latest: 3, oldest: 3 } }))).toEqual([]);
  });

  test('the key was made anew', async () => {
    const results = await examine({ key: { latest: 1, oldest: 1 } });
    expect(complaints(results)).toEqual([
      'transit key: prod: the transit key is another one than Secrets were written with',
    ]);
    expect(cures(results)[0]).toMatch(/^restore Vault from a backup/);
  });

  test.each<[string, AuthorityTrust | undefined, RegExp]>([
    ['never rotated', undefined, /^cke-client init prod --kms-from CIDR/],
    ['settled', { stage: 'settled', issuer: 'root-2' }, /^cke-client init prod --kms-from CIDR/],
    ['on its way', begun, /^the rotation of vault-kms sees to it/],
  ])('the login believes other CAs (%s)', async (_, trust, cure) => {
    const results = await examine({ drift: 'it does not believe root-2 yet', ...(trust && { trust }) });
    expect(complaints(results)).toEqual(['vault-kms login: prod: it does not believe root-2 yet']);
    expect(cures(results)[0]).toMatch(cure);
  });
});

test('plugins that are not logged in are named, with what they say', async () => {
  const node = (name: string, health: string): NodeView => ({
    name,
    address: '10.0.0.11',
    role: 'control-plane',
    reachable: 'yes',
    ready: 'true',
    components: [{ component: 'vault-kms', state: 'running', upSeconds: 9, health, lastLog: ['Vault is sealed'] }],
  });
  const results = await pluginChecks([node('cp-1', 'healthy'), node('cp-2', 'nothing listens on port 10270 yet')]);
  expect(results.map(({ check, state }) => `${check} ${state}`)).toEqual(['vault-kms cp-1 ok', 'vault-kms cp-2 bad']);
  expect(results[1]).toMatchObject({ complaint: { got: 'Vault is sealed', fix: 'cke-client why cp-2' } });
});
