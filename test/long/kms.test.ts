import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Document } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kmsPluginName } from '../../cluster/encryption/cipher.ts';
import { kmsVersionsOf } from '../../cluster/encryption/kms-value.ts';
import { allContainers, containerIds, dockerOf, replaced } from '../e2e/containers.ts';
import { writeDeclaration } from '../e2e/declaration.ts';
import { showings } from '../e2e/doors.ts';
import { fromJson } from '../e2e/json.ts';
import { beginKeyChange, keyChanged, reached, recorded } from '../e2e/key-changes.ts';
import { issuersOf, rotate } from '../e2e/rotations.ts';
import { freshLab, prepareKubectl } from '../e2e/standing.ts';
import {
  createSecrets,
  readAndWrite,
  storedMarks,
  storedPrefixes,
  wrongValues,
  type Account,
} from '../e2e/stored-secrets.ts';
import { apply, cke, cluster, figure, kubectl, lab, reconcile, run, seconds, status, until } from '../e2e/story.ts';

const count = 500;
const masters = ['cp-1', 'cp-2', 'cp-3'];

/** Vault, as nodes reach it: by the bridge of the lab. */
const byVault = (document: Document): void => {
  const { gateway, ports } = lab.record();
  const ca = readFileSync(lab.paths.pki('ca.crt'), 'utf8');
  const vault = { address: `https://${gateway}:${ports.vault}`, ca };
  document.set('secrets_encryption', document.createNode({ provider: 'kms', vault }));
};

const bySecretbox = (document: Document): void =>
  document.set('secrets_encryption', document.createNode({ provider: 'secretbox' }));

/** How many Secrets name which versions of the transit key. */
const storedVersions = (): Promise<Record<string, number>> =>
  storedMarks((value) => {
    const found = kmsVersionsOf(value, kmsPluginName);
    return found === undefined ? 'none' : `v${found.named}, wrapped by v${found.wrappedBy}`;
  });

async function oldestVersion(): Promise<number> {
  const text = await run('vault', 'read', '-format=json', `cke/${cluster}/transit/keys/secrets`);
  return fromJson<{ data: { min_decryption_version: number } }>(text).data.min_decryption_version;
}

const runningOn = async (name: string): Promise<string[]> =>
  (await allContainers())
    .filter((one) => one.name === name && one.running)
    .map(({ node }) => node)
    .sort();

describe('the data keys of Secrets are wrapped by Vault', () => {
  const end = new AbortController();
  const going: { account?: Promise<Account> } = {};

  beforeAll(async () => {
    await freshLab({ images: 'kms too' });
    await run('cke-client', 'init', cluster, '--kms-from', lab.record().subnet);
    await lab.startWorkers();
    expect(await apply(writeDeclaration())).toMatchObject({ outcome: 'converged' });
    await prepareKubectl();
    await createSecrets(count);
  });
  afterAll(async () => {
    end.abort();
    await going.account;
    await lab.unsealVault();
  });

  test('declared, the plugin runs on every control plane, and Secrets are as they were', async () => {
    expect(await apply(writeDeclaration(byVault))).toMatchObject({ outcome: 'blocked' });
    expect(await runningOn('vault-kms')).toEqual(masters);
    expect(JSON.stringify(await storedPrefixes())).toMatch(/^{"k8s:enc:secretbox:v1:key-1:":\d+}$/);
  });

  test('its container holds no secret where others can see it', async () => {
    for (const name of masters) {
      const seen = JSON.stringify(await dockerOf(lab.node(name)).getContainer('vault-kms').inspect());
      expect(seen.match(/PRIVATE KEY|hvs\.|secret-id/)).toBeNull();
    }
  });

  test('switched to it while Secrets are read and written', async () => {
    going.account = readAndWrite(count, end.signal);
    const begun = performance.now();
    await beginKeyChange();
    await keyChanged();
    figure('500 Secrets from secretbox to kms', seconds(performance.now() - begun));
    expect((await recorded()).settled).toEqual(['kms v1']);
    expect(Object.keys(await storedVersions())).toEqual(['v1, wrapped by v1']);
    expect(await reconcile()).toMatchObject({ outcome: 'converged' });
  });

  test('another version of the key, Vault sealed in the middle: no container is replaced, the old version is given up', async () => {
    const before = await containerIds();
    const begun = performance.now();
    await beginKeyChange();
    await reached('leading');
    await lab.sealVault();
    const { code, stdout } = await cke('secrets', 'status', '--cluster', cluster);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/kms v1 → kms v2/)]);
    await sleep(40_000);
    expect(await runningOn('vault-kms')).toEqual(masters);
    await lab.unsealVault();
    await keyChanged();
    figure(
      'another version of the transit key for 500 Secrets, Vault sealed for 40 s',
      seconds(performance.now() - begun),
    );
    expect(Object.keys(await storedVersions())).toEqual(['v2, wrapped by v2']);
    expect(await oldestVersion()).toBe(2);
    expect(replaced(before, await containerIds())).toEqual([]);
  });

  test('the CA of the plugins is rotated: each control plane logs in by the new one, the old one is refused', async () => {
    const before = await showings('vault-kms');
    for (const { what, isBelieved } of before) expect(await isBelieved(), what).toBe('yes');
    const ids = await containerIds();
    const begun = performance.now();
    const { from, to } = await rotate('vault-kms');
    figure('rotation of vault-kms', seconds(performance.now() - begun));
    expect(from).not.toBe(to);
    expect(await issuersOf('vault-kms')).toEqual([to]);
    expect(replaced(ids, await containerIds())).toEqual(masters.map((name) => `${name}/vault-kms`));
    for (const { what, isBelieved } of await showings('vault-kms'))
      expect(await isBelieved(), `${what}, by the new`).toBe('yes');
    for (const { what, isBelieved } of before) expect(await isBelieved(), `${what}, by the old`).not.toBe('yes');
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
    expect((await status()).rotations).toEqual([]);
    const { stdout } = await cke(
      'certificates',
      'list',
      '--kind',
      'vault-kms',
      '--cluster',
      cluster,
      '--output',
      'json',
    );
    const { certificates } = fromJson<{ certificates: { node: string }[] }>(stdout);
    expect(certificates.map(({ node }) => node)).toEqual(masters);
  });

  test('no Secret was unreadable at any sample, through any API server, and each holds what was last written to it', async () => {
    end.abort();
    const account = await going.account;
    expect(account?.unreadable).toEqual([]);
    for (const node of masters) expect(account?.samples[node] ?? 0, node).toBeGreaterThan(50);
    expect(await wrongValues('cp-2', account?.written ?? new Map())).toEqual([]);
  });

  test('a control plane that starts without Vault waits and says so; the others serve', async () => {
    await lab.sealVault();
    const node = lab.node('cp-3');
    await dockerOf(node).getContainer('kube-apiserver').restart({ t: 5 });
    await until(
      'what the API server waits for',
      async () => {
        const seen = (await status()).view?.nodes.find(({ name }) => name === node.name);
        const server = seen?.components.find(({ component }) => component === 'kube-apiserver');
        return server?.health.includes('it waits for its KMS plugin') || undefined;
      },
      { seconds: 90, everyMilliseconds: 1000 },
    );
    expect(await kubectl('get', 'secret', '-n', 'keys', 'secret-1', '-o', 'name')).toContain('secret-1');
    await lab.unsealVault();
    await until('three API servers', async () => (await reconcile()).outcome === 'converged' || undefined, {
      seconds: 180,
      everyMilliseconds: 2000,
    });
  });

  test('back to secretbox: the plugin goes when nobody needs it any more', async () => {
    expect(await apply(writeDeclaration(bySecretbox))).toMatchObject({ outcome: 'blocked' });
    expect(await runningOn('vault-kms')).toEqual(masters);
    await beginKeyChange();
    await keyChanged();
    expect(JSON.stringify(await storedPrefixes())).toMatch(/^{"k8s:enc:secretbox:v1:key-2:":\d+}$/);
    expect(await reconcile()).toMatchObject({ outcome: 'converged' });
    expect(await runningOn('vault-kms')).toEqual([]);
  });
});
