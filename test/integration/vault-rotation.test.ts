import { createPublicKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { AppRoleCredentials } from '../../activities/vault/credentials.ts';
import { initialiseCluster } from '../../activities/vault/initialise.ts';
import { createVault } from '../../activities/vault/vault.ts';
import type { Vault } from '../../activities/vault/vault.ts';
import { authorities } from '../../cluster/certificates/certificate.ts';
import type { CertificateRequest } from '../../cluster/certificates/certificate.ts';
import { tokenSigner } from '../../cluster/certificates/trust.ts';
import { codeOf } from '../fixtures/code-of.ts';
import { requestFor } from './vault-requests.ts';
import { startVault } from './vault-server.ts';
import type { TestVault } from './vault-server.ts';

const cluster = 'alpha';
const anything = z.unknown();

let server: TestVault;
let credentials: AppRoleCredentials;
/** With the worker's own AppRole: what it may not do fails here. */
let vault: Vault;

beforeAll(async () => {
  server = await startVault();
  const connection = { addresses: [server.address], caFile: server.caFile };
  credentials = (await initialiseCluster({ ...connection, cluster, token: server.rootToken })).credentials;
  vault = createVault({ ...connection, credentials: async () => credentials });
});

afterAll(() => server.stop());

/** Which of the bundle's CAs has signed the certificate that is issued for the request: its common name. */
async function signerOf(request: CertificateRequest, bundle: string): Promise<string | undefined> {
  const { certificate } = await vault.issue({ cluster, request });
  const leaf = new X509Certificate(certificate);
  const signer = certificatesOf(bundle).find(({ publicKey }) => leaf.verify(publicKey));
  return signer?.subject.replace('CN=', '');
}

const certificatesOf = (bundle: string): X509Certificate[] =>
  bundle
    .split(/(?<=-----END CERTIFICATE-----\n)/u)
    .filter((pem) => pem.includes('BEGIN'))
    .map((pem) => new X509Certificate(pem));

describe('a CA is rotated with the worker’s own AppRole', () => {
  test.each(authorities)('%s: a second issuer, leaves by either, then the first one is gone', async (of) => {
    const from = await vault.currentIssuer({ cluster, of });
    const to = 'root-2-abc123';
    expect(from).toBe('root-1');
    await vault.prepareIssuer({ cluster, of, name: to });
    await vault.prepareIssuer({ cluster, of, name: to });
    expect(await vault.currentIssuer({ cluster, of }), 'who signs is unchanged').toBe(from);

    const both = await vault.authorityBundle({ cluster, authority: of, issuers: [from, to] });
    expect(new Set(certificatesOf(both).map(({ subject }) => subject)).size).toBe(2);
    const request = { ...requestFor('front-proxy'), authority: of };
    expect(await signerOf(request, both)).toBe(`alpha ${of} CA`);
    expect(await signerOf({ ...request, issuer: from }, both)).toBe(`alpha ${of} CA`);
    expect(await signerOf({ ...request, issuer: to }, both)).toBe(`alpha ${of} CA ${to}`);

    await vault.retireIssuer({ cluster, of, name: from, successor: to });
    await vault.retireIssuer({ cluster, of, name: from, successor: to });
    expect(await vault.currentIssuer({ cluster, of })).toBe(to);
    expect(await vault.authorityBundle({ cluster, authority: of })).toBe(
      await vault.authorityBundle({ cluster, authority: of, issuers: [to] }),
    );
    expect(await signerOf(request, both)).toBe(`alpha ${of} CA ${to}`);
    expect(await codeOf(vault.issue({ cluster, request: { ...request, issuer: from } }))).toBe('VaultFailed');
    const keys = await server.operator.list({
      path: `cke/alpha/ca-${of}/keys`,
      token: server.rootToken,
      shape: z.object({ data: z.object({ keys: z.array(z.string()) }) }),
    });
    expect(keys?.data.keys, 'keys that are left').toHaveLength(1);
  });

  test('a root that never existed: said to be missing', async () => {
    expect(await codeOf(vault.authorityBundle({ cluster, authority: 'server', issuers: ['root-9'] }))).not.toBe(
      'no error',
    );
  });
});

test('the pair that signs tokens is rotated: both verify, then the first one is gone', async () => {
  const of = tokenSigner;
  const from = await vault.currentIssuer({ cluster, of });
  const [first] = await vault.serviceAccountKeys({ cluster });
  await vault.prepareIssuer({ cluster, of, name: 'key-2' });
  await vault.prepareIssuer({ cluster, of, name: 'key-2' });
  const [one, two] = await vault.serviceAccountKeys({ cluster, names: [from, 'key-2'] });
  expect(one).toEqual(first);
  expect(createPublicKey(two?.privateKey ?? '').export({ type: 'spki', format: 'pem' })).toBe(two?.publicKey);
  expect(two).not.toEqual(one);
  await vault.retireIssuer({ cluster, of, name: from, successor: 'key-2' });
  await vault.retireIssuer({ cluster, of, name: from, successor: 'key-2' });
  expect(await vault.serviceAccountKeys({ cluster, names: ['key-2'] })).toEqual([two]);
  expect(await vault.serviceAccountKeys({ cluster }), 'what is used without a pin').toEqual([two]);
});

describe('what rotations need is all that the worker may', () => {
  test.each([
    ['write', 'ca-kubernetes/root/generate/internal'],
    ['write', 'ca-kubernetes/root/generate/exported'],
    ['write', 'ca-kubernetes/issuers/generate/root/exported'],
    ['write', 'ca-kubernetes/issuers/import/bundle'],
    ['write', 'ca-kubernetes/intermediate/generate/exported'],
    ['write', 'ca-kubernetes/keys/generate/exported'],
    ['write', 'ca-kubernetes/keys/import'],
    ['write', 'ca-kubernetes/issuer/root-2-abc123/sign-intermediate'],
    ['write', 'ca-kubernetes/issuer/root-2-abc123/sign-verbatim'],
    ['write', 'ca-kubernetes/config/urls'],
    ['remove', 'ca-kubernetes/root'],
    ['remove', 'secrets/metadata/service-account'],
    ['remove', 'secrets/data/encryption'],
  ] as const)('%s %s: denied', async (how, path) => {
    const { auth } = await server.operator.write({
      path: 'auth/approle/login',
      body: { role_id: credentials.roleId, secret_id: credentials.secretId },
      shape: z.object({ auth: z.object({ client_token: z.string() }) }),
    });
    const asked = { path: `cke/alpha/${path}`, token: auth.client_token };
    const call =
      how === 'remove' ? server.operator.remove(asked) : server.operator.write({ ...asked, body: {}, shape: anything });
    expect(await codeOf(call)).toBe('VaultDenied');
  });
});
