import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { initialiseCluster } from '../../activities/vault/initialise.ts';
import { createVault, type Vault } from '../../activities/vault/vault.ts';
import type { AppRoleCredentials } from '../../activities/vault/credentials.ts';
import { CkeError } from '../../cluster/errors.ts';
import { makePlugin, type TestPlugin } from '../fixtures/kms-plugin.ts';
import { startVault, type TestVault } from './vault-server.ts';

const anything = z.unknown();
let server: TestVault;
let vault: Vault;
const kept = new Map<string, AppRoleCredentials>();

function initialise(cluster: string, kmsFrom: string[] = []) {
  const connection = { addresses: [server.address], caFile: server.caFile, token: server.rootToken };
  return initialiseCluster({
    ...connection,
    cluster,
    kmsFrom,
    ...(kept.has(cluster) && { credentials: kept.get(cluster) }),
  });
}

beforeAll(async () => {
  server = await startVault();
  for (const [cluster, from] of [
    ['alpha', ['127.0.0.1/32', '10.0.0.0/24']],
    ['beta', []],
    ['gamma', ['10.0.0.0/24']],
  ] as const)
    kept.set(cluster, (await initialise(cluster, [...from])).credentials);
  vault = createVault({
    addresses: [server.address],
    caFile: server.caFile,
    credentials: async (cluster) => kept.get(cluster) ?? { roleId: 'unknown', secretId: 'unknown' },
  });
});
afterAll(() => server?.stop());

const pluginOf = (cluster: string): Promise<TestPlugin> =>
  makePlugin({ cluster, vault, address: server.address, caFile: server.caFile });

async function complaintOf(call: Promise<unknown>): Promise<CkeError['complaint']> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CkeError) return error.complaint;
  throw new Error(`no complaint, but ${String(error)}`);
}

describe('init', () => {
  test('a second one changes nothing, with the networks or without', async () => {
    expect((await initialise('alpha', ['127.0.0.1/32', '10.0.0.0/24'])).changes).toEqual([]);
    expect((await initialise('alpha')).changes).toEqual([]);
  });

  test('other networks replace those that were there', async () => {
    const { changes } = await initialise('alpha', ['127.0.0.0/8']);
    expect(changes).toEqual(['wrote who may log in as vault-kms, from 127.0.0.0/8']);
  });

  test('without networks nothing is prepared, and what is missing is said with its cure', async () => {
    const missing = { code: 'NotInitialised', fix: expect.stringContaining('init beta --kms-from') };
    expect(await complaintOf(vault.transitKey({ cluster: 'beta' }))).toMatchObject(missing);
    expect(await complaintOf(pluginOf('beta'))).toMatchObject(missing);
  });
});

describe('the transit key', () => {
  test('begins with one version, is given another once, and gives up the older one', async () => {
    expect(await vault.transitKey({ cluster: 'alpha' })).toEqual({ latest: 1, oldest: 1 });
    expect(await vault.ensureTransitVersionAfter({ cluster: 'alpha', than: 1 })).toBe(2);
    expect(await vault.ensureTransitVersionAfter({ cluster: 'alpha', than: 1 })).toBe(2);
    for (const _time of [1, 2]) await vault.dropTransitVersionsBefore({ cluster: 'alpha', version: 2 });
    expect(await vault.transitKey({ cluster: 'alpha' })).toEqual({ latest: 2, oldest: 2 });
  });
});

test('a transit key that somebody has made to sign, not to wrap, is said to be of the wrong type', async () => {
  const mount = { path: 'sys/mounts/cke/delta/transit', body: { type: 'transit' } };
  const key = { path: 'cke/delta/transit/keys/secrets', body: { type: 'ed25519' } };
  for (const call of [mount, key]) await server.operator.write({ ...call, token: server.rootToken, shape: anything });
  kept.set('delta', (await initialise('delta', ['127.0.0.1/32'])).credentials);
  expect(await complaintOf(vault.transitKey({ cluster: 'delta' }))).toMatchObject({
    message: 'delta: the transit key can neither wrap nor unwrap',
    got: 'cke/delta/transit/keys/secrets of type ed25519',
    fix: expect.stringContaining('init delta --kms-from'),
  });
});

describe('the plugin', () => {
  test('logs in by its certificate; its arguments and variables hold no secret', async () => {
    const plugin = await pluginOf('alpha');
    await plugin.start();
    expect(plugin.given.filter((text) => /token|secret-id|PRIVATE|hvs\./i.test(text))).toEqual([]);
    await plugin.remove();
  });

  test('from another network it is not let in, whoever issued its certificate', async () => {
    const plugin = await pluginOf('gamma');
    expect(await plugin.fail()).toMatch(/permission denied/i);
    await plugin.remove();
  });

  test('while Vault is sealed it ends and says why', async () => {
    const plugin = await pluginOf('alpha');
    await server.seal();
    expect(await plugin.fail()).toMatch(/sealed/i);
    await server.unseal();
    await plugin.start();
    await plugin.remove();
  });
});
