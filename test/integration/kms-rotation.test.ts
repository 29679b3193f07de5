import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientCredentials } from '../../activities/credentials.ts';
import { whyNotNoticed } from '../../activities/encryption/noticed-version.ts';
import { openEtcdGateway } from '../../activities/etcd/gateway.ts';
import { createKubernetes } from '../../activities/kubernetes/kubernetes.ts';
import { createServerPool } from '../../activities/kubernetes/servers.ts';
import type { AppRoleCredentials } from '../../activities/vault/credentials.ts';
import { initialiseCluster } from '../../activities/vault/initialise.ts';
import { createVault, type Vault } from '../../activities/vault/vault.ts';
import { kmsEndpoint } from '../../cluster/components/vault-kms.ts';
import { accepted, document } from '../../cluster/declaration/testing/minimal.ts';
import { isWrittenWith, type Cipher } from '../../cluster/encryption/cipher.ts';
import { issueAdmin, loopbackAddress, startApiServer, type TestApiServer } from '../fixtures/api-server.ts';
import { startTestEtcd, type TestEtcd } from '../fixtures/etcd-cluster.ts';
import { makePlugin, type TestPlugin } from '../fixtures/kms-plugin.ts';
import { startVault, type TestVault } from './vault-server.ts';

const cluster = 'alpha';
const kubernetes = createKubernetes();
const pool = createServerPool();
/** Each of them with a plugin of its own, as on nodes. */
const servers: TestApiServer[] = [];
const plugins: TestPlugin[] = [];
let vaultServer: TestVault;
let vault: Vault;
let etcd: TestEtcd;
let credentials: ClientCredentials;
let configuration: string;

beforeAll(async () => {
  vaultServer = await startVault();
  const connection = { addresses: [vaultServer.address], caFile: vaultServer.caFile };
  const made = { ...connection, token: vaultServer.rootToken, cluster, kmsFrom: ['127.0.0.1/32'] };
  const known: AppRoleCredentials = (await initialiseCluster(made)).credentials;
  vault = createVault({ ...connection, credentials: async () => known });
  etcd = await startTestEtcd(1);
  credentials = await issueAdmin(etcd);
  configuration = await vault.encryptionConfiguration({ cluster, ciphers: ['kms vault', 'identity'] });
  for (const _server of [1, 2]) {
    const plugin = await makePlugin({ cluster, vault, address: vaultServer.address, caFile: vaultServer.caFile });
    await plugin.start();
    plugins.push(plugin);
    servers.push(await startServer(plugin));
  }
});
afterAll(async () => {
  await Promise.all([...servers, ...plugins].map((one) => one.stop()));
  await Promise.all(plugins.map((plugin) => plugin.remove()));
  await etcd?.down();
  await vaultServer?.stop();
});

const startServer = ({ endpoint }: TestPlugin, address = loopbackAddress()): Promise<TestApiServer> =>
  startApiServer(etcd, { encryption: configuration.replace(kmsEndpoint, endpoint), address });

const at = (server: TestApiServer | undefined) => ({ cluster, addresses: [server?.address ?? ''], credentials });

const write = (server: TestApiServer | undefined, name: string, bytes = 20) =>
  pool.call(at(server), 'writing a Secret', ({ core }) =>
    core.createNamespacedSecret({
      namespace: 'default',
      body: { metadata: { name }, data: { value: randomBytes(bytes).toString('base64') } },
    }),
  );

const read = (server: TestApiServer | undefined, name: string) =>
  pool.call(at(server), 'reading a Secret', ({ core }) => core.readNamespacedSecret({ namespace: 'default', name }));

/** Names of the Secrets that another cipher has written. */
async function notWrittenWith(cipher: Cipher): Promise<string[]> {
  const gateway = openEtcdGateway({
    endpoint: etcd.members[0]?.clientUrl ?? '',
    credentials: etcd.credentials,
    timeoutMs: 5_000,
  });
  const mark = (value: Uint8Array) => (isWrittenWith(cipher, value) ? 'new' : 'old');
  const { entries } = await gateway.page({ prefix: '/registry/secrets/', limit: 100, mark });
  gateway.close();
  expect(entries.length).toBeGreaterThan(0);
  return entries
    .filter((entry) => entry.mark === 'old')
    .map(({ key }) => key.slice('/registry/secrets/default/'.length));
}

/** Why the version is not known everywhere. */
function unnoticed(version: number): Promise<string | undefined> {
  const base = accepted(document());
  const [first] = base.nodes;
  if (first === undefined) throw new Error('no node');
  const masters = servers.map(({ address }, index) => ({ ...first, name: `cp-${index + 1}`, address }));
  const declaration = { ...base, nodes: masters };
  const own = { etcd: async () => credentials, kubernetes: async () => credentials };
  return whyNotNoticed({ declaration, version, without: [], kubernetes, credentials: own });
}

describe('Secrets whose data keys Vault wraps', () => {
  test('are written and read by every API server, small ones and large ones', async () => {
    await write(servers[0], 'small');
    await write(servers[1], 'large', 500_000);
    expect((await read(servers[1], 'small')).data).toHaveProperty('value');
    expect((await read(servers[0], 'large')).data).toHaveProperty('value');
    expect(await notWrittenWith('kms v1')).toEqual([]);
    expect(await unnoticed(1)).toBeUndefined();
  });

  test('while Vault is sealed API servers go on, and count as ready', async () => {
    await vaultServer.seal();
    expect((await read(servers[1], 'small')).data).toHaveProperty('value');
    await write(servers[0], 'written-meanwhile');
    expect((await read(servers[1], 'written-meanwhile')).data).toHaveProperty('value');
    // Longer than an API server trusts the last good answer of its plugin.
    await sleep(25_000);
    for (const { address } of servers)
      expect(await kubernetes.probe({ cluster, address, credentials })).toEqual({ state: 'healthy' });
  });

  test('one that starts meanwhile waits, says what for, and serves when Vault is back', async () => {
    const [plugin] = plugins;
    if (plugin === undefined) throw new Error('no plugin');
    const address = loopbackAddress();
    const starting = startServer(plugin, address);
    await sleep(15_000);
    const because = expect.stringMatching(/^it waits for its KMS plugin: .*Vault/);
    expect(await kubernetes.probe({ cluster, address, credentials })).toEqual({ state: 'unhealthy', because });
    await vaultServer.unseal();
    servers.push(await starting);
    expect((await read(servers.at(-1), 'written-meanwhile')).data).toHaveProperty('value');
  });

  test('a new version of the key is noticed within a minute or so, and not claimed before', async () => {
    expect(await vault.ensureTransitVersionAfter({ cluster, than: 1 })).toBe(2);
    expect(await unnoticed(2)).toMatch(/^the API server on cp-\d does not know of kms v2 yet/);
    for (let second = 0; second < 150 && (await unnoticed(2)) !== undefined; second += 1) await sleep(1000);
    expect(await unnoticed(2)).toBeUndefined();
    expect(await notWrittenWith('kms v2')).toEqual(['large', 'small', 'written-meanwhile']);
  });

  test('rewritten, nothing in etcd needs the old version, and Vault may give it up', async () => {
    for (const [index, name] of ['large', 'small', 'written-meanwhile'].entries())
      await kubernetes.rewriteSecret({ ...at(servers[index % 2]), namespace: 'default', name });
    expect(await notWrittenWith('kms v2')).toEqual([]);
    await vault.dropTransitVersionsBefore({ cluster, version: 2 });
    const [plugin] = plugins;
    if (plugin === undefined) throw new Error('no plugin');
    const fresh = await startServer(plugin);
    servers.push(fresh);
    expect((await read(fresh, 'large')).data).toHaveProperty('value');
  });
});
