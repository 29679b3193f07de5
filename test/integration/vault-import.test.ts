import { createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { AppRoleCredentials } from '../../activities/vault/credentials.ts';
import { initialiseCluster } from '../../activities/vault/initialise.ts';
import { createVault, type Vault } from '../../activities/vault/vault.ts';
import { authorities, type Authority } from '../../cluster/certificates/certificate.ts';
import { CkeError } from '../../cluster/errors.ts';
import { requestFor } from './vault-requests.ts';
import { startVault, type TestVault } from './vault-server.ts';

const cluster = 'prod';
const anything = z.unknown();
const leafAnswer = z.object({ data: z.object({ certificate: z.string() }) });

const privateKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

/** What CKE has left in its etcd and in Vault. */
const cke = {
  serviceAccountKey: privateKey(),
  ssh: { '': privateKey(), '10.0.0.14': privateKey() },
  aescbc: ['2021-01-01T00:00:00Z', '2020-01-01T00:00:00Z'].map((name) => ({
    name,
    secret: randomBytes(32).toString('base64'),
  })),
};

let server: TestVault;
let vault: Vault;
let known: AppRoleCredentials = { roleId: 'none', secretId: 'none' };
const leaves = new Map<Authority, X509Certificate>();

beforeAll(async () => {
  server = await startVault();
  vault = createVault({ addresses: [server.address], caFile: server.caFile, credentials: async () => known });
  await write('sys/auth/approle', { type: 'approle' });
  for (const authority of authorities) leaves.set(authority, await layOutAuthority(authority));
  await write('sys/mounts/cke/secrets', { type: 'kv' });
  await write('cke/secrets/ssh', cke.ssh);
  await write('cke/secrets/k8s', { aescbc: JSON.stringify(cke.aescbc) });
  await write('sys/policies/acl/cke', { policy: 'path "cke/*" { capabilities = ["read", "sudo"] }' });
  await write('auth/approle/role/cke', { policies: 'cke', period: '1h' });
});
afterAll(() => server.stop());

const write = (path: string, body: Record<string, unknown>) =>
  server.operator.write({ path, token: server.rootToken, body, shape: anything });

/** As `ckecli vault init` does it, with a role for any name and a certificate by it. */
async function layOutAuthority(authority: Authority): Promise<X509Certificate> {
  const mount = `cke/ca-${authority}`;
  await write(`sys/mounts/${mount}`, {
    type: 'pki',
    config: { max_lease_ttl: '876000h', default_lease_ttl: '87600h' },
  });
  // It has stood for a while: nobody backdates a certificate to before its CA.
  const root = { common_name: `${authority} CA`, ttl: '876000h', not_before_duration: '1h' };
  await write(`${mount}/root/generate/internal`, root);
  await write(`${mount}/roles/system`, { ttl: '87600h', max_ttl: '87600h', allow_any_name: 'true' });
  const body = { common_name: 'cp-1', exclude_cn_from_sans: 'true' };
  const path = `${mount}/issue/system`;
  const { data } = await server.operator.write({ path, token: server.rootToken, body, shape: leafAnswer });
  return new X509Certificate(data.certificate);
}

async function takeOver(name = cluster, serviceAccountKey = cke.serviceAccountKey) {
  const place = { addresses: [server.address], caFile: server.caFile, token: server.rootToken };
  const done = await initialiseCluster({
    ...place,
    cluster: name,
    importCke: { serviceAccountKey },
    credentials: known,
  });
  known = done.credentials;
  return done.changes;
}

const complaintOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => (error instanceof CkeError ? error.complaint : Promise.reject(error as Error)),
  );

const bundleOf = (authority: Authority) => vault.authorityBundle({ cluster, authority });

describe('the cluster was CKE’s', () => {
  test('a file that is no key of its tokens: is it refused, and said where the right one is?', async () => {
    const complaint = await complaintOf(takeOver(cluster, 'no key'));
    expect(complaint).toMatchObject({
      code: 'InvalidRequest',
      fix: expect.stringContaining('/cke/service-account/key'),
    });
  });

  test('is everything taken over, and CKE’s own access at its end?', async () => {
    const changes = await takeOver();
    expect(changes.filter((change) => change.includes('CA of CKE'))).toHaveLength(authorities.length);
    expect(changes.filter((change) => change.includes("CKE's access"))).toHaveLength(2);
    const policy = { path: 'sys/policies/acl/cke', token: server.rootToken, shape: anything };
    expect(await server.operator.read(policy)).toBeUndefined();
  });

  test.each(authorities)(
    '%s: do certificates of CKE stay valid, and new ones come from the same CA?',
    async (authority) => {
      const root = new X509Certificate(await bundleOf(authority));
      expect(root.subject).toBe(`CN=${authority} CA`);
      expect(leaves.get(authority)?.verify(root.publicKey)).toBe(true);
      const request = { ...requestFor('front-proxy'), authority };
      const { certificate } = await vault.issue({ cluster, request });
      expect(new X509Certificate(certificate).verify(root.publicKey)).toBe(true);
      const roles = { path: `cke/${cluster}/ca-${authority}/roles/system`, token: server.rootToken, shape: anything };
      expect(await server.operator.read(roles), 'a role for any name').toBeUndefined();
    },
  );

  test('are Secrets read with CKE’s keys, and written with its first?', async () => {
    expect(await vault.firstCiphers({ cluster })).toEqual(cke.aescbc.map(({ name }) => `aescbc ${name}`));
    const { resources }: { resources: { providers: object[] }[] } = parse(
      await vault.encryptionConfiguration({ cluster }),
    );
    expect(resources[0]?.providers).toEqual([{ aescbc: { keys: cke.aescbc } }, { identity: {} }]);
  });

  test('do tokens of service accounts, and logins, stay valid?', async () => {
    const [pair] = await vault.serviceAccountKeys({ cluster });
    const publicKey = createPublicKey(cke.serviceAccountKey).export({ type: 'spki', format: 'pem' });
    expect(pair?.publicKey).toBe(publicKey);
    expect(await vault.sshPrivateKey({ cluster, address: '10.0.0.14' })).toBe(cke.ssh['10.0.0.14']);
    expect(await vault.sshPrivateKey({ cluster, address: '10.0.0.15' })).toBe(cke.ssh['']);
  });

  test('is a repetition a no-op?', async () => {
    expect(await takeOver()).toEqual([]);
  });

  test('can a CA that was CKE’s be rotated, and is it gone with its key then?', async () => {
    const of = 'kubernetes-aggregation';
    expect(await vault.currentIssuer({ cluster, of })).toBe('root-1');
    await vault.prepareIssuer({ cluster, of, name: 'root-2' });
    await vault.retireIssuer({ cluster, of, name: 'root-1', successor: 'root-2' });
    const root = new X509Certificate(await bundleOf(of));
    expect(leaves.get(of)?.verify(root.publicKey)).toBe(false);
    const shape = z.object({ data: z.object({ keys: z.array(z.string()) }) });
    const keys = await server.operator.list({ path: `cke/${cluster}/ca-${of}/keys`, token: server.rootToken, shape });
    expect(keys?.data.keys).toHaveLength(1);
  });

  test('a second cluster wants the same: is it told that there is nothing of CKE any more?', async () => {
    const complaint = await complaintOf(takeOver('other'));
    expect(complaint?.message).toMatch(/no CA at cke\/ca-server/);
  });

  test('a cluster that has CAs of its own: is it refused before anything is changed?', async () => {
    const authority = 'server';
    await layOutAuthority(authority);
    const before = await bundleOf(authority);
    expect((await complaintOf(takeOver()))?.message).toBe(`${cluster} has CAs of its own: server`);
    expect(await bundleOf(authority)).toBe(before);
  });
});
