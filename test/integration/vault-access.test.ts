import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { AppRoleCredentials } from '../../activities/vault/credentials.ts';
import { initialiseCluster } from '../../activities/vault/initialise.ts';
import { forgetPreviousSshKey, makeNextSshKey, sshKeyStage, useNextSshKey } from '../../activities/vault/ssh-keys.ts';
import { createVault } from '../../activities/vault/vault.ts';
import type { Vault } from '../../activities/vault/vault.ts';
import { loginByCertificate } from './vault-login.ts';
import { codeOf } from '../fixtures/code-of.ts';
import { requestFor } from './vault-requests.ts';
import { startVault } from './vault-server.ts';
import type { TestVault } from './vault-server.ts';

const anything = z.unknown();

let server: TestVault;
let vault: Vault;
let other: string;
const kept = new Map<string, AppRoleCredentials>();

beforeAll(async () => {
  server = await startVault();
  const connection = { addresses: [server.address], caFile: server.caFile };
  for (const cluster of ['alpha', 'beta'])
    kept.set(
      cluster,
      (await initialiseCluster({ ...connection, token: server.rootToken, cluster, kmsFrom: ['10.0.0.0/24'] }))
        .credentials,
    );
  vault = createVault({
    ...connection,
    credentials: async (cluster) => kept.get(cluster) ?? { roleId: 'unknown-role', secretId: 'unknown-secret' },
    saveCredentials: async (cluster, fresh) => void kept.set(cluster, fresh),
  });
  const { issued } = await vault.issue({ cluster: 'alpha', request: requestFor('kubelet') });
  other = issued.serial;
});

afterAll(() => server.stop());

async function loginToken(cluster: string, { roleId, secretId } = heldBy(cluster)): Promise<string> {
  const shape = z.object({ auth: z.object({ client_token: z.string() }) });
  const body = { role_id: roleId, secret_id: secretId };
  return (await server.operator.write({ path: 'auth/approle/login', body, shape })).auth.client_token;
}

function heldBy(cluster: string): AppRoleCredentials {
  return kept.get(cluster) ?? { roleId: '', secretId: '' };
}

describe('what a stolen token of the worker cannot do', () => {
  test.each<[string, 'GET' | 'LIST' | 'POST', string, Record<string, unknown>?]>([
    ['read the SSH keys of another cluster', 'GET', 'cke/beta/secrets/data/ssh'],
    ['read the encryption keys of another cluster', 'GET', 'cke/beta/secrets/data/encryption'],
    ['issue certificates of another cluster', 'POST', 'cke/beta/ca-kubernetes/issue/admin', { common_name: 'x' }],
    ['read a role of another cluster', 'GET', 'cke/beta/ca-kubernetes/roles/kubelet-cp-1'],
    ['make a secret-id of another cluster', 'POST', 'auth/approle/role/cke-beta/secret-id', {}],
    ['list what secrets there are', 'LIST', 'cke/alpha/secrets/metadata'],
    ['wipe out the history of a secret', 'POST', 'cke/alpha/secrets/destroy/encryption', { versions: [1] }],
    ['delete a secret', 'POST', 'cke/alpha/secrets/delete/encryption', { versions: [1] }],
    ['lower the guard of a secret', 'POST', 'cke/alpha/secrets/metadata/encryption', { cas_required: false }],
    ['delete the keys of service accounts', 'POST', 'cke/alpha/secrets/delete/service-account', { versions: [1] }],
    ['make another root', 'POST', 'cke/alpha/ca-kubernetes/root/generate/internal', { common_name: 'x' }],
    ['make a root whose key comes along', 'POST', 'cke/alpha/ca-kubernetes/root/generate/exported', {}],
    ['sign whatever it likes', 'POST', 'cke/alpha/ca-kubernetes/sign-verbatim', { csr: 'x' }],
    ['sign an intermediate CA', 'POST', 'cke/alpha/ca-kubernetes/root/sign-intermediate', { csr: 'x' }],
    ['import a CA', 'POST', 'cke/alpha/ca-kubernetes/config/ca', { pem_bundle: 'x' }],
    ['widen its own policy', 'POST', 'sys/policies/acl/cke-alpha', { policy: 'path "*" {}' }],
    ['read its own policy', 'GET', 'sys/policies/acl/cke-alpha'],
    ['change its own AppRole', 'POST', 'auth/approle/role/cke-alpha', { token_policies: ['root'] }],
    ['list secret-ids', 'LIST', 'auth/approle/role/cke-alpha/secret-id'],
    ['make tokens', 'POST', 'auth/token/create', {}],
    ['list mounts', 'GET', 'sys/mounts'],
    ['seal Vault', 'POST', 'sys/seal', {}],
    ['take a snapshot of all of Vault', 'GET', 'sys/storage/raft/snapshot'],
    ['wrap with the transit key', 'POST', 'cke/alpha/transit/encrypt/secrets', { plaintext: 'eA==' }],
    ['unwrap with the transit key', 'POST', 'cke/alpha/transit/decrypt/secrets', { ciphertext: 'vault:v1:x' }],
    ['have a data key made', 'POST', 'cke/alpha/transit/datakey/plaintext/secrets', {}],
    ['make the transit key leave Vault', 'POST', 'cke/alpha/transit/keys/secrets/config', { exportable: true }],
    ['let the transit key be deleted', 'POST', 'cke/alpha/transit/keys/secrets/config', { deletion_allowed: true }],
    ['make another transit key', 'POST', 'cke/alpha/transit/keys/other', {}],
    [
      'trim the versions of the transit key',
      'POST',
      'cke/alpha/transit/keys/secrets/trim',
      { min_available_version: 1 },
    ],
    ['rotate the transit key of another cluster', 'POST', 'cke/beta/transit/keys/secrets/rotate', {}],
    ...(
      [
        ['give the plugin another policy', { token_policies: ['root'] }],
        ['let the plugin in from everywhere', { token_bound_cidrs: [] }],
        ['let another name in as the plugin', { allowed_common_names: ['*'] }],
        ['hide that behind a CA', { certificate: 'x', allowed_common_names: ['*'] }],
      ] as const
    ).map(([what, body]): [string, 'POST', string, Record<string, unknown>] => [
      what,
      'POST',
      'auth/cke/alpha/vault-kms/certs/vault-kms',
      body,
    ]),
    ['make another login for plugins', 'POST', 'auth/cke/alpha/vault-kms/certs/other', { certificate: 'x' }],
    [
      'say who may log in as the plugin of another cluster',
      'POST',
      'auth/cke/beta/vault-kms/certs/vault-kms',
      { certificate: 'x' },
    ],
    ['widen the policy of the plugin', 'POST', 'sys/policies/acl/cke-alpha.vault-kms', { policy: 'path "*" {}' }],
    ['issue another name by the CA of plugins', 'POST', 'cke/alpha/ca-vault-kms/issue/other', { common_name: 'x' }],
    ['make another role for plugins', 'POST', 'cke/alpha/ca-vault-kms/roles/other', { allow_any_name: true }],
    [
      'make a root for plugins whose key comes along',
      'POST',
      'cke/alpha/ca-vault-kms/issuers/generate/root/exported',
      {},
    ],
    ['sign whatever it likes for plugins', 'POST', 'cke/alpha/ca-vault-kms/sign-verbatim', { csr: 'x' }],
    ['revoke certificates', 'POST', 'cke/alpha/ca-kubernetes/revoke', { serial_number: 'of a kubelet' }],
  ])('%s', async (_what, method, path, body = {}) => {
    const token = await loginToken('alpha');
    const filled = 'serial_number' in body ? { serial_number: other } : body;
    const ask = { path, token, shape: anything };
    const call = {
      GET: () => server.operator.read(ask),
      LIST: () => server.operator.list(ask),
      POST: () => server.operator.write({ ...ask, body: filled }),
    }[method];
    expect(await codeOf(call())).toBe('VaultDenied');
  });

  test('with the certificate that it may issue it can’t log in as the plugin from where it is', async () => {
    const pair = await vault.issue({ cluster: 'alpha', request: requestFor('vault-kms') });
    expect(await loginByCertificate(server, { cluster: 'alpha', pair })).toBe(403);
  });

  test('the same calls mean something to an operator, or the table would prove nothing', async () => {
    const wrapped = { path: 'cke/alpha/transit/encrypt/secrets', body: { plaintext: 'eA==' }, shape: anything };
    expect(await server.operator.write({ ...wrapped, token: server.rootToken })).toBeDefined();
    const exportable = { path: 'cke/alpha/transit/keys/secrets/config', body: { exportable: true }, shape: anything };
    expect(await server.operator.write({ ...exportable, token: server.rootToken })).toBeDefined();
    const ask = { token: server.rootToken, shape: anything };
    expect(await server.operator.read({ ...ask, path: 'cke/beta/secrets/data/encryption' })).toBeDefined();
    expect(await server.operator.list({ ...ask, path: 'cke/alpha/secrets/metadata' })).toBeDefined();
    expect(await server.operator.list({ ...ask, path: 'auth/approle/role/cke-alpha/secret-id' })).toBeDefined();
  });
});

describe('the secret-id', () => {
  test('does it end after 90 days, and is a fresh one left alone?', async () => {
    const body = { secret_id: heldBy('alpha').secretId };
    const shape = z.object({ data: z.object({ secret_id_ttl: z.number() }) });
    const path = 'auth/approle/role/cke-alpha/secret-id/lookup';
    const { data } = await server.operator.write({ path, token: server.rootToken, body, shape });
    expect(data.secret_id_ttl).toBe(90 * 86_400);
    expect(await vault.renewSecretId({ cluster: 'alpha', when: 'due' })).toBe('kept');
  });

  test('one that was made without an end is exchanged, and goes on until the others have theirs', async () => {
    const role = 'auth/approle/role/cke-beta';
    const token = server.rootToken;
    await server.operator.write({ path: role, token, body: { secret_id_ttl: 0 }, shape: anything });
    const made = z.object({ data: z.object({ secret_id: z.string() }) });
    const endless = await server.operator.write({ path: `${role}/secret-id`, token, body: {}, shape: made });
    const old = { ...heldBy('beta'), secretId: endless.data.secret_id };
    kept.set('beta', old);
    expect(await vault.renewSecretId({ cluster: 'beta', when: 'due' })).toBe('renewed');
    expect(heldBy('beta').secretId).not.toBe(old.secretId);
    expect(await loginToken('beta', old)).toMatch(/^hvs/);
    expect(await loginToken('beta')).toMatch(/^hvs/);
  });

  test('rotated by hand: does the old one end at once, and does the worker go on?', async () => {
    const old = heldBy('alpha');
    expect(await vault.renewSecretId({ cluster: 'alpha', when: 'now' })).toBe('renewed');
    expect(await codeOf(loginToken('alpha', old))).toBe('VaultFailed');
    expect(await loginToken('alpha')).toMatch(/^hvs/);
    expect((await vault.issue({ cluster: 'alpha', request: requestFor('scheduler') })).issued.kind).toBe('scheduler');
  });

  test('is it found valid again by another init?', async () => {
    const connection = { addresses: [server.address], caFile: server.caFile, token: server.rootToken };
    const again = await initialiseCluster({ ...connection, cluster: 'alpha', credentials: heldBy('alpha') });
    expect(again).toMatchObject({ secretId: 'kept', changes: [] });
  });
});

describe('tidy', () => {
  test.each(['server', 'vault-kms'] as const)('may the worker have the CA %s tidied?', async (authority) => {
    await vault.tidy({ cluster: 'alpha', authority });
    const shape = z.object({ data: z.object({ tidy_cert_store: z.boolean() }) });
    const path = `cke/alpha/ca-${authority}/tidy-status`;
    const seen = await server.operator.read({ path, token: server.rootToken, shape });
    expect(seen?.data).toEqual({ tidy_cert_store: true });
  });

  test('is the store of certificates tidied, and does a valid one stay?', async () => {
    const path = 'cke/alpha/ca-kubernetes';
    const token = server.rootToken;
    await vault.tidy({ cluster: 'alpha', authority: 'kubernetes' });
    const status = z.object({ data: z.object({ state: z.string(), tidy_cert_store: z.boolean() }) });
    const seen = await server.operator.read({ path: `${path}/tidy-status`, token, shape: status });
    expect(seen?.data).toMatchObject({ tidy_cert_store: true });
    const shape = z.object({ data: z.object({ keys: z.array(z.string()) }) });
    expect((await server.operator.list({ path: `${path}/certs`, token, shape }))?.data.keys).toContain(other);
  });
});

test('the SSH key is exchanged in Vault in three moves, each of which may be repeated', async () => {
  const call = { client: server.operator, token: server.rootToken, cluster: 'alpha' };
  const seen = () => vault.sshKeys({ cluster: 'alpha' });
  const [first, special] = [1, 2].map(() => ssh2.utils.generateKeyPairSync('ed25519').private);
  await initialiseCluster({
    addresses: [server.address],
    caFile: server.caFile,
    token: server.rootToken,
    cluster: 'alpha',
    credentials: heldBy('alpha'),
    ...(first !== undefined && { sshPrivateKey: first }),
    ...(special !== undefined && { sshPrivateKeysByAddress: { '10.0.0.9': special } }),
  });
  expect(await sshKeyStage(call)).toBe('settled');
  await makeNextSshKey(call);
  const { next } = await seen();
  await makeNextSshKey(call);
  expect(await seen()).toEqual({ current: first, next, own: ['10.0.0.9'] });
  expect(await sshKeyStage(call)).toBe('authorising');
  await useNextSshKey(call);
  await useNextSshKey(call);
  expect(await seen()).toEqual({ current: next, previous: first, own: ['10.0.0.9'] });
  expect(await sshKeyStage(call)).toBe('withdrawing');
  await makeNextSshKey(call);
  await forgetPreviousSshKey(call);
  await forgetPreviousSshKey(call);
  expect(await seen()).toEqual({ current: next, own: ['10.0.0.9'] });
});
