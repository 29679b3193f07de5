import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { CkeError } from '../../cluster/errors.ts';
import { run } from '../../lab/command.ts';
import { lifetimeHours } from '../../client/options.ts';
import { loadSettings } from '../settings.ts';
import { createVaultClient } from './client.ts';
import { encryptionSecret } from './secrets.ts';
import { authorityMount } from './paths.ts';

const directory = mkdtempSync(join(tmpdir(), 'cke-wrong-inputs-'));
const at = (name: string) => join(directory, name);
const address = 'https://vault.example.com:8200';

beforeAll(async () => {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('key')];
  const make = (name: string, ...more: string[]) =>
    run('openssl', ['req', '-x509', ...key, '-subj', `/CN=${name}`, '-out', at(name), ...more]);
  await make('ca.crt', '-days', '2');
  await make('leaf.crt', '-days', '2', '-addext', 'basicConstraints=critical,CA:FALSE');
});

afterAll(() => rmSync(directory, { recursive: true }));

function complaintOf(call: () => unknown): CkeError['complaint'] {
  try {
    call();
  } catch (error) {
    if (error instanceof CkeError) return error.complaint;
    throw error;
  }
  throw new Error('it was accepted');
}

function settingsWith(vault: string): string {
  const file = at('cke.yaml');
  const etcd = 'etcd: { endpoints: ["https://10.0.0.5:2379"], ca_file: a, cert_file: b, key_file: c }';
  const temporal = 'temporal: { address: "127.0.0.1:7233" }';
  writeFileSync(file, `${temporal}\n${etcd}\nvault: { address: "${vault}" }\ncredentials_directory: d\n`);
  return file;
}

describe('63: a key for encryption at rest', () => {
  test.each([
    ['of 16 bytes', Buffer.alloc(16).toString('base64')],
    ['of 33 bytes', Buffer.alloc(33).toString('base64')],
    ['that is no base64', '!'.repeat(44)],
    ['that is empty', ''],
  ])('%s', (_what, secret) => {
    const stored = { provider: 'secretbox', keys: [{ name: 'key-1', secret }] };
    expect(encryptionSecret.safeParse(stored).success).toBe(false);
  });
});

describe('66: an address of Vault', () => {
  test.each([
    ['in clear text', 'http://vault.example.com:8200', /https/],
    ['that is a file', 'file:///etc/passwd', /https/],
    ['with a password', 'https://me:hunter22@vault.example.com', /without a user/],
    ['of the metadata service', 'https://169.254.169.254', /link-local/],
    ['of the metadata service, as one number', 'https://2852039166', /link-local/],
    ['of the metadata service, in IPv6', 'https://[fe80::a9fe:a9fe]', /link-local/],
    ['of the metadata service, by name', 'https://metadata.google.internal', /link-local/],
  ])('%s', (_what, vault, says) => {
    const complaint = complaintOf(() => loadSettings(settingsWith(vault)));
    expect(complaint.got).toMatch(says);
    expect(JSON.stringify(complaint)).not.toContain('hunter22');
  });

  test('one that is right is accepted', () => {
    expect(loadSettings(settingsWith(address)).vault.addresses).toEqual([address]);
  });
});

describe('67: the CA of Vault', () => {
  test.each([
    ['truncated', (pem: string) => pem.slice(0, -60), 'ca.crt', /truncated/],
    ['damaged', (pem: string) => pem.replace('MII', 'AAA'), 'ca.crt', /damaged/],
    ['not a CA', (pem: string) => pem, 'leaf.crt', /not one of a CA/],
    ['no certificate', () => 'hello', 'ca.crt', /no certificate/],
  ])('%s', (_what, spoil, name, says) => {
    writeFileSync(at('spoilt.crt'), spoil(readFileSync(at(name), 'utf8')));
    const complaint = complaintOf(() => createVaultClient({ addresses: [address], caFile: at('spoilt.crt') }));
    expect(complaint).toMatchObject({ code: 'SettingsInvalid', got: expect.stringMatching(says) });
  });

  test('expired', () => {
    vi.setSystemTime(Date.now() + 3 * 86_400_000);
    const complaint = complaintOf(() => createVaultClient({ addresses: [address], caFile: at('ca.crt') }));
    vi.useRealTimers();
    expect(complaint).toMatchObject({ code: 'SettingsInvalid', got: expect.stringMatching(/expired/) });
  });

  test('one that is right is accepted', () => {
    expect(createVaultClient({ addresses: [address], caFile: at('ca.crt') })).toBeDefined();
  });
});

describe('68: a name that leads out of its place in Vault', () => {
  test.each(['../root', 'kubelet/../../root', 'kubelet%2f..%2froot', 'kubelet?list=true', 'a//b', ''])(
    'a role %j',
    async (role) => {
      const client = createVaultClient({ addresses: [address], caFile: at('ca.crt') });
      const path = `cke/demo/ca-kubernetes/issue/${role}`;
      const asked = client.write({ path, token: 't', body: {}, shape: z.unknown() });
      await expect(asked).rejects.toMatchObject({ complaint: { code: 'InvalidRequest' } });
    },
  );

  test('a cluster', () => {
    expect(complaintOf(() => authorityMount('../root', 'server')).code).toBe('InvalidRequest');
  });
});

test.each(['49h', '876000h', '0m', '-1h', '1y', ''])('69: a kubeconfig for %j', (text) => {
  expect(() => lifetimeHours(text)).toThrow();
});
