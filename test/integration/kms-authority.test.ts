import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { missingInLogin, settleLogin } from '../../activities/rotation-login.ts';
import type { AppRoleCredentials } from '../../activities/vault/credentials.ts';
import { initialiseCluster } from '../../activities/vault/initialise.ts';
import { createVault, type Vault } from '../../activities/vault/vault.ts';
import { pluginAuthority } from '../../cluster/certificates/certificate.ts';
import {
  afterStage,
  signingIssuer,
  turnedBack,
  type AuthorityTrust,
  type Rotation,
} from '../../cluster/certificates/trust.ts';
import { makePlugin } from '../fixtures/kms-plugin.ts';
import { loginByCertificate } from './vault-login.ts';
import { requestFor } from './vault-requests.ts';
import { startVault, type TestVault } from './vault-server.ts';

const of = pluginAuthority;
const at = '2026-01-01T00:00:00Z';
const known = new Map<string, AppRoleCredentials>();
let server: TestVault;
/** With the worker's own AppRole: what it may not do fails here. */
let vault: Vault;

const connection = () => ({ addresses: [server.address], caFile: server.caFile });
const initialise = (cluster: string) =>
  initialiseCluster({
    ...connection(),
    cluster,
    token: server.rootToken,
    kmsFrom: ['127.0.0.1/32'],
    ...(known.has(cluster) && { credentials: known.get(cluster) }),
  });

beforeAll(async () => {
  server = await startVault();
  for (const cluster of ['alpha', 'beta']) known.set(cluster, (await initialise(cluster)).credentials);
  const credentials = async (cluster: string) => known.get(cluster) ?? { roleId: '', secretId: '' };
  vault = createVault({ ...connection(), credentials });
});
afterAll(() => server?.stop());

const places = (cluster: string) => ({ cluster, vault, address: server.address, caFile: server.caFile });

/** What a campaign has and does in one cluster, without its nodes. */
function campaign(cluster: string) {
  const state: { trust?: AuthorityTrust } = {};
  const rotation = (): Rotation => {
    if (state.trust === undefined || state.trust.stage === 'settled') throw new Error('it is not rotated');
    return state.trust;
  };
  const place = () => ({ declaration: { name: cluster }, rotation: rotation() });
  const issue = (issuer: string | undefined) =>
    vault.issue({ cluster, request: { ...requestFor('vault-kms'), ...(issuer !== undefined && { issuer }) } });
  return {
    rotation,
    missing: () => missingInLogin({ vault }, place()),
    settle: () => settleLogin({ vault }, place()),
    advance: () => void (state.trust = afterStage(of, rotation(), at)),
    turnBack: () => void (state.trust = turnedBack(rotation(), at) ?? rotation()),
    begin: async (to: string): Promise<void> => {
      const from = await vault.currentIssuer({ cluster, of });
      await vault.prepareIssuer({ cluster, of, name: to });
      const said = { by: 'ann@bastion', startedAt: at, since: at, pods: 'ask' } as const;
      state.trust = { ...said, stage: 'trust-both', from, to, direction: 'forward', without: [] };
    },
    /** What Vault answers to plugins whose certificates these issuers have signed. */
    logins: async (...issuers: string[]): Promise<(number | undefined)[]> => {
      const pairs = await Promise.all(issuers.map(issue));
      return Promise.all(pairs.map((pair) => loginByCertificate(server, { cluster, pair })));
    },
    /** A plugin with the certificate of this stage. */
    plugin: () => makePlugin({ ...places(cluster), trust: { [of]: rotation() } }),
    signer: () => signingIssuer({ [of]: rotation() }, of),
  };
}

/** Everything about the login but the CAs. */
async function termsOf(cluster: string): Promise<Record<string, unknown>> {
  const path = `auth/cke/${cluster}/vault-kms/certs/vault-kms`;
  const shape = z.object({ data: z.record(z.string(), z.unknown()) });
  const stored = await server.operator.read({ path, token: server.rootToken, shape });
  const { certificate: _judged, ...terms } = stored?.data ?? {};
  return terms;
}

const issuersOf = (cluster: string): Promise<string> => vault.authorityBundle({ cluster, authority: of });

describe('the CA of plugins is rotated with the worker’s own AppRole', () => {
  const { begin, missing, settle, advance, logins, plugin, signer, rotation } = campaign('alpha');
  let terms: Record<string, unknown>;

  test('before Vault has learned the new CA a certificate of it is refused, and that is what is missing', async () => {
    terms = await termsOf('alpha');
    expect(terms).toMatchObject({ allowed_common_names: ['vault-kms'], token_policies: ['cke-alpha.vault-kms'] });
    await begin('root-2');
    expect(await logins('root-1', 'root-2')).toEqual([200, 400]);
    expect(await missing()).toEqual(["Vault's login of vault-kms does not believe root-2 yet"]);
  });

  test('trust-both: both are let in, on the same terms as before, and the old CA signs', async () => {
    await settle();
    await settle();
    expect(await missing()).toEqual([]);
    expect(await logins('root-1', 'root-2')).toEqual([200, 200]);
    expect(await termsOf('alpha')).toEqual(terms);
    expect(signer()).toBe('root-1');
  });

  test('reissue: a plugin comes up with the new certificate, one that has the old one goes on', async () => {
    const old = await plugin();
    await old.start();
    advance();
    expect([rotation().stage, signer(), await missing()]).toEqual(['reissue', 'root-2', []]);
    const fresh = await plugin();
    await fresh.start();
    expect(await logins('root-1', 'root-2')).toEqual([200, 200]);
    await Promise.all([old, fresh].map((one) => one.remove()));
  });

  test('an init in the middle changes nothing', async () => {
    expect((await initialise('alpha')).changes).toEqual([]);
    expect(await missing()).toEqual([]);
  });

  test('drop-old: the old certificate is refused, the new one let in', async () => {
    const old = await makePlugin({ ...places('alpha'), trust: { [of]: { stage: 'settled', issuer: 'root-1' } } });
    advance();
    expect(await missing()).toEqual(["Vault's login of vault-kms believes 1 more than it has to"]);
    await settle();
    expect(await missing()).toEqual([]);
    expect(await logins('root-1', 'root-2')).toEqual([400, 200]);
    expect(await old.fail()).toMatch(/vault-kms\/login\nCode: 400/);
    const fresh = await plugin();
    await fresh.start();
    await Promise.all([old, fresh].map((one) => one.remove()));
  });

  test('an init before the old CA is gone has it believed again: that is missing, and settled', async () => {
    expect((await initialise('alpha')).changes).toEqual(['wrote who may log in as vault-kms, from 127.0.0.1/32']);
    expect(await missing()).toHaveLength(1);
    await settle();
    expect([await missing(), await logins('root-1', 'root-2')]).toEqual([[], [400, 200]]);
  });

  test('at the end Vault has the new CA only, and init finds everything in place', async () => {
    const { from, to } = rotation();
    await vault.retireIssuer({ cluster: 'alpha', of, name: from, successor: to });
    expect(await issuersOf('alpha')).toBe(
      await vault.authorityBundle({ cluster: 'alpha', authority: of, issuers: ['root-2'] }),
    );
    expect(await vault.kmsLoginDrift({ cluster: 'alpha' })).toBeUndefined();
    expect((await initialise('alpha')).changes).toEqual([]);
    expect(await termsOf('alpha')).toEqual(terms);
  });
});

describe('it is turned around', () => {
  const { begin, missing, settle, advance, turnBack, logins, rotation } = campaign('beta');

  test('while certificates are reissued: both are let in until they are all back, then the new CA is refused', async () => {
    await begin('root-2');
    await settle();
    advance();
    turnBack();
    expect([rotation(), await missing()]).toMatchObject([{ stage: 'reissue', to: 'root-1' }, []]);
    expect(await logins('root-1', 'root-2')).toEqual([200, 200]);
    advance();
    await settle();
    expect(await missing()).toEqual([]);
    expect(await logins('root-1', 'root-2')).toEqual([200, 400]);
    const { from, to } = rotation();
    await vault.retireIssuer({ cluster: 'beta', of, name: from, successor: to });
    expect((await initialise('beta')).changes).toEqual([]);
  });
});
