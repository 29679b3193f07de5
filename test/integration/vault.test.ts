import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { inspect } from 'node:util';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readAppRoleCredentials, writeAppRoleCredentials } from '../../activities/vault/credentials.ts';
import type { AppRoleCredentials } from '../../activities/vault/credentials.ts';
import { initialiseCluster, sshKeyState } from '../../activities/vault/initialise.ts';
import type { InitialiseOptions } from '../../activities/vault/initialise.ts';
import { roleParameters } from '../../activities/vault/roles.ts';
import { createVault } from '../../activities/vault/vault.ts';
import type { Vault } from '../../activities/vault/vault.ts';
import { authorities, certificateKinds } from '../../cluster/certificates/certificate.ts';
import type { CertificateRequest } from '../../cluster/certificates/certificate.ts';
import { CkeError } from '../../cluster/errors.ts';
import { requestFor } from './vault-requests.ts';
import { startVault } from './vault-server.ts';
import type { TestVault } from './vault-server.ts';

const sshPrivateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString();
const anything = z.unknown();
const listing = z.object({ data: z.object({ keys: z.array(z.string()) }) });

let server: TestVault;
let vault: Vault;
const known = new Map<string, AppRoleCredentials>();

beforeAll(async () => {
  server = await startVault();
  vault = createVault({ addresses: [server.address], caFile: server.caFile, credentials });
  for (const cluster of ['alpha', 'beta']) {
    known.set(cluster, (await initialise({ cluster, sshPrivateKey, kmsFrom: ['10.0.0.0/24'] })).credentials);
  }
});

afterAll(() => server.stop());

async function credentials(cluster: string): Promise<AppRoleCredentials> {
  return known.get(cluster) ?? { roleId: 'unknown-role', secretId: 'unknown-secret' };
}

function initialise(
  options: Pick<InitialiseOptions, 'cluster' | 'sshPrivateKey' | 'credentials' | 'kmsFrom'> & { token?: string },
) {
  return initialiseCluster({ addresses: [server.address], caFile: server.caFile, token: server.rootToken, ...options });
}

/** The complaint that a call ends with, after a look whether any secret is in the error. */
async function complaintOf(call: Promise<unknown>) {
  const error = await call.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  const text = inspect(error, { depth: 20, showHidden: true });
  const secrets = [server.rootToken, ...[...known.values()].map(({ secretId }) => secretId), 'PRIVATE KEY', 'hvs.'];
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  if (!(error instanceof CkeError)) throw error;
  return error.complaint;
}

describe('init', () => {
  test('is a second init a no-op that keeps the secret-id?', async () => {
    const before = known.get('alpha');
    const second = await initialise({ cluster: 'alpha', sshPrivateKey, credentials: before });
    expect(second).toMatchObject({ credentials: before, secretId: 'kept', changes: [] });
  });

  test('are credentials that Vault does not accept replaced?', async () => {
    const lost = { roleId: known.get('beta')?.roleId ?? '', secretId: 'never-made-by-vault' };
    const second = await initialise({ cluster: 'beta', credentials: lost });
    expect(second.secretId).toBe('new');
    expect(second.changes).toEqual(['made a secret-id for the AppRole cke-beta']);
  });

  test('does it say whether the SSH key is still missing?', async () => {
    const asked = { addresses: [server.address], caFile: server.caFile, token: server.rootToken, cluster: 'gamma' };
    expect(await sshKeyState(asked)).toBe('missing');
    await initialise({ cluster: 'gamma', sshPrivateKey });
    expect(await sshKeyState(asked)).toBe('stored');
  });

  test('is a policy that somebody changed put right?', async () => {
    const body = { policy: 'path "*" { capabilities = ["sudo"] }' };
    await server.operator.write({ path: 'sys/policies/acl/cke-beta', token: server.rootToken, body, shape: anything });
    const repaired = await initialise({ cluster: 'beta', credentials: known.get('beta') });
    expect(repaired.changes).toEqual(['wrote the policy cke-beta']);
  });

  test('does each authority have one root that lives ten years?', async () => {
    for (const authority of authorities) {
      const bundle = await vault.authorityBundle({ cluster: 'alpha', authority });
      const root = new X509Certificate(bundle);
      expect(bundle.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
      expect(root.ca).toBe(true);
      expect(root.subject).toBe(`CN=alpha ${authority} CA`);
      expect(root.validToDate.getTime() - Date.now()).toBeGreaterThan(3649 * 86_400_000);
      expect(Date.now() - root.validFromDate.getTime()).toBeGreaterThan(299_000);
    }
  });

  test.each([
    ['a token that Vault does not know', { token: 'hvs.wrong' }, 'VaultDenied', /VAULT_TOKEN/],
    ['a key that is none', { sshPrivateKey: 'no key' }, 'InvalidRequest', /ssh-keygen/],
    ['a name with a slash', { cluster: 'a/b' }, 'InvalidRequest', undefined],
  ])('init with %s: is the cure named?', async (_, options, code, fix) => {
    const complaint = await complaintOf(initialise({ cluster: 'alpha', ...options }));
    expect(complaint.code).toBe(code);
    if (fix !== undefined) expect(complaint.fix).toMatch(fix);
  });
});

describe('certificates', () => {
  test.each(certificateKinds)('does %s come as it was asked for, signed by its authority?', async (kind) => {
    const request = requestFor(kind);
    const { certificate, privateKey, issued } = await vault.issue({ cluster: 'alpha', request });
    const leaf = new X509Certificate(certificate);
    const root = new X509Certificate(await vault.authorityBundle({ cluster: 'alpha', authority: request.authority }));
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
    expect(certificate.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    expect(leaf.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(leaf.subject.split('\n').sort()).toEqual(
      [...request.organizations.map((name) => `O=${name}`), `CN=${request.commonName}`].sort(),
    );
    const names = [
      ...request.dnsNames.map((name) => `DNS:${name}`),
      ...request.ipAddresses.map((ip) => `IP Address:${ip}`),
    ];
    expect((leaf.subjectAltName ?? '').split(', ').filter(Boolean).sort()).toEqual(names.sort());
    const usages = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' };
    expect([...leaf.keyUsage].sort()).toEqual(request.usages.map((usage) => usages[usage]).sort());
    const lifetime = (leaf.validToDate.getTime() - Date.now()) / 3_600_000;
    expect(lifetime).toBeCloseTo(request.lifetimeHours, 0);
    expect(Date.now() - leaf.validFromDate.getTime()).toBeGreaterThan(299_000);
    expect(issued).toMatchObject({
      kind,
      notAfter: leaf.validToDate.toISOString(),
      notBefore: leaf.validFromDate.toISOString(),
    });
  });

  test('is the serial the one under which Vault keeps it?', async () => {
    const { issued, certificate } = await vault.issue({ cluster: 'alpha', request: requestFor('kubelet') });
    const path = `cke/alpha/ca-kubernetes/cert/${issued.serial.replaceAll(':', '-')}`;
    const shape = z.object({ data: z.object({ certificate: z.string() }) });
    const stored = await server.operator.read({ path, token: server.rootToken, shape });
    expect(stored?.data.certificate.trim()).toBe(certificate.trim());
  });

  test('are short-lived ones not kept in Vault?', async () => {
    const { issued } = await vault.issue({ cluster: 'alpha', request: requestFor('admin') });
    const path = 'cke/alpha/ca-kubernetes/certs';
    const kept = await server.operator.list({ path, token: server.rootToken, shape: listing });
    expect(kept?.data.keys).not.toContain(issued.serial);
  });

  test('a node gets another address: does its role follow, in a process that knew the old one?', async () => {
    const old = requestFor('kubelet');
    await vault.issue({ cluster: 'alpha', request: old });
    const moved = { ...old, ipAddresses: ['127.0.0.1', 'fd00::11'], dnsNames: [...old.dnsNames, 'new.example.com'] };
    const leaf = new X509Certificate((await vault.issue({ cluster: 'alpha', request: moved })).certificate);
    expect(leaf.subjectAltName).toContain('FD00:0:0:0:0:0:0:11');
    expect(leaf.subjectAltName).toContain('new.example.com');
  });

  test.each([
    ['widened usages', { server_flag: true }],
    ['shortened lifetimes', { ttl: 3600, max_ttl: 3600 }],
    ['took its name away', { allowed_domains: ['elsewhere.example.com'] }],
    ['added an organisation', { organization: ['system:masters', 'system:node-proxier'] }],
  ])('somebody %s behind our back: is the certificate right all the same?', async (_, change) => {
    const request = requestFor('kube-proxy');
    await vault.issue({ cluster: 'alpha', request });
    const path = 'cke/alpha/ca-kubernetes/roles/kube-proxy';
    const body = { ...roleParameters(request), ...change };
    await server.operator.write({ path, token: server.rootToken, body, shape: anything });
    const leaf = new X509Certificate((await vault.issue({ cluster: 'alpha', request })).certificate);
    expect(leaf.subject.split('\n').sort()).toEqual(['CN=system:kube-proxy', 'O=system:node-proxier']);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect((leaf.validToDate.getTime() - Date.now()) / 3_600_000).toBeCloseTo(request.lifetimeHours, 0);
  });

  test('an address in a user’s name, and two groups: does it work?', async () => {
    const request: CertificateRequest = {
      ...requestFor('admin'),
      commonName: 'alice@example.com',
      organizations: ['ops', 'dev'],
    };
    const leaf = new X509Certificate((await vault.issue({ cluster: 'alpha', request })).certificate);
    expect(leaf.subject).toContain('CN=alice@example.com');
  });

  test('a lifetime beyond the root’s: is Vault’s reason told?', async () => {
    const request = { ...requestFor('scheduler'), lifetimeHours: 100_000 };
    const complaint = await complaintOf(vault.issue({ cluster: 'alpha', request }));
    expect(complaint).toMatchObject({ code: 'VaultFailed', remedy: 'never' });
    expect(complaint.got).toMatch(/HTTP 400: .*(ttl|TTL|notAfter|expiration)/);
  });

  test('many at once: is each another one, by one login?', async () => {
    const request = requestFor('front-proxy');
    const pairs = await Promise.all(Array.from({ length: 20 }, () => vault.issue({ cluster: 'alpha', request })));
    expect(new Set(pairs.map(({ issued }) => issued.serial)).size).toBe(20);
  });
});

describe('secrets', () => {
  test('is the SSH key that of init, for any address?', async () => {
    expect(await vault.sshPrivateKey({ cluster: 'alpha', address: '10.0.0.11' })).toBe(sshPrivateKey);
  });

  test('is the pair of service accounts one pair, the same each time?', async () => {
    const [pair] = await vault.serviceAccountKeys({ cluster: 'alpha' });
    expect(createPublicKey(pair?.privateKey ?? '').export({ type: 'spki', format: 'pem' })).toBe(pair?.publicKey);
    expect(await vault.serviceAccountKeys({ cluster: 'alpha' })).toEqual([pair]);
    expect(await vault.serviceAccountKeys({ cluster: 'beta' })).not.toEqual([pair]);
  });

  test('does the encryption configuration end with identity, after a key of 32 bytes?', async () => {
    const shape = z.object({
      resources: z.tuple([
        z.object({ resources: z.tuple([z.literal('secrets')]), providers: z.array(z.record(z.string(), z.unknown())) }),
      ]),
    });
    const { resources } = shape.parse(parse(await vault.encryptionConfiguration({ cluster: 'alpha' })));
    const [first, second] = resources[0].providers;
    const keys = z.object({
      secretbox: z.object({ keys: z.array(z.object({ name: z.string(), secret: z.string() })) }),
    });
    expect(keys.parse(first).secretbox.keys.map(({ secret }) => Buffer.from(secret, 'base64').length)).toEqual([32]);
    expect(second).toEqual({ identity: {} });
  });
});

describe('access', () => {
  test('its token is revoked: does the worker log in again by itself?', async () => {
    const path = 'auth/token/revoke-accessor';
    const accessors = await server.operator.list({
      path: 'auth/token/accessors',
      token: server.rootToken,
      shape: listing,
    });
    for (const accessor of accessors?.data.keys ?? []) {
      const lookup = { path: 'auth/token/lookup-accessor', token: server.rootToken, body: { accessor } };
      const { data } = await server.operator.write({
        ...lookup,
        shape: z.object({ data: z.object({ policies: z.array(z.string()) }) }),
      });
      if (!data.policies.includes('root')) {
        await server.operator.write({ path, token: server.rootToken, body: { accessor }, shape: anything });
      }
    }
    const keys = await Promise.all(
      [1, 2, 3].map(() => vault.sshPrivateKey({ cluster: 'alpha', address: '10.0.0.11' })),
    );
    expect(keys).toEqual([sshPrivateKey, sshPrivateKey, sshPrivateKey]);
  });

  test('wrong credentials: is init named as the cure?', async () => {
    const complaint = await complaintOf(vault.sshPrivateKey({ cluster: 'unknown', address: '10.0.0.11' }));
    expect(complaint).toMatchObject({ code: 'VaultDenied', fix: 'cke-client init unknown' });
  });

  test('are credential files that others may read refused?', async () => {
    const place = { directory: server.directory, cluster: 'alpha' };
    const pair = { roleId: 'a-role-id', secretId: 'a-secret-id' };
    expect((await complaintOf(readAppRoleCredentials(place))).code).toBe('NotInitialised');
    await writeAppRoleCredentials(place, pair);
    expect(await readAppRoleCredentials(place)).toEqual(pair);
    chmodSync(`${server.directory}/alpha/secret-id`, 0o640);
    expect(await complaintOf(readAppRoleCredentials(place))).toMatchObject({
      code: 'SettingsInvalid',
      got: 'mode 0640',
    });
  });

  test('Vault is sealed, then opened: is it told, and does it go on?', async () => {
    const request = requestFor('scheduler');
    await server.seal();
    const complaint = await complaintOf(vault.issue({ cluster: 'alpha', request }));
    expect(complaint).toMatchObject({ code: 'VaultSealed', remedy: 'retry' });
    expect(complaint.fix).toContain('vault operator unseal');
    await server.unseal();
    expect((await vault.issue({ cluster: 'alpha', request })).issued.kind).toBe('scheduler');
  });
});
