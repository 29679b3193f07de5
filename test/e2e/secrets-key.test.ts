import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginKeyChange, keyChanged, reached, recorded } from './key-changes.ts';
import { standingCluster } from './standing.ts';
import { cke, cluster, figure, lab, seconds } from './story.ts';
import { createSecrets, readAndWrite, storedPrefixes, wrongValues, type Account } from './stored-secrets.ts';

const count = 500;

describe('Secrets get a new key while 500 of them are read and written', () => {
  const end = new AbortController();
  const going: { account?: Promise<Account>; before: string; begun: number } = { before: '', begun: 0 };

  beforeAll(async () => {
    await standingCluster();
    await createSecrets(count);
    going.before = (await recorded()).settled[0] ?? '';
  });
  afterAll(async () => {
    end.abort();
    await going.account;
    await lab.unsealVault();
  });

  test('the worker is killed, and Vault is sealed, in the middle: it resumes, and the old key goes', async () => {
    expect(Object.keys(await storedPrefixes())).toEqual([prefixOf(going.before)]);
    going.account = readAndWrite(count, end.signal);
    going.begun = performance.now();
    await beginKeyChange();

    await reached('leading');
    await lab.endWorkers('kill');
    await lab.startWorkers();
    await reached('rewriting');
    await lab.sealVault();
    const { code, stdout } = await cke('secrets', 'status', '--cluster', cluster);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/rewriting|dropping/)]);
    await sleep(5_000);
    await lab.unsealVault();

    await keyChanged();
    figure('another key for 500 Secrets, worker killed and Vault sealed', seconds(performance.now() - going.begun));
  });

  test('no Secret was unreadable at any sample, through any API server', async () => {
    end.abort();
    const account = await going.account;
    expect(account?.unreadable).toEqual([]);
    for (const node of ['cp-1', 'cp-2', 'cp-3']) expect(account?.samples[node] ?? 0, node).toBeGreaterThan(50);
    figure('reads', Object.values(account?.samples ?? {}).join(', '));
    figure('Secrets written to', account?.written.size ?? 0);
  });

  test('every Secret holds what was last written to it, and etcd knows the new key only', async () => {
    const { settled } = await recorded();
    expect(settled).toHaveLength(1);
    expect(settled[0]).not.toBe(going.before);
    const stored = await storedPrefixes();
    expect(Object.keys(stored)).toEqual([prefixOf(settled[0] ?? '')]);
    expect(Object.values(stored)[0]).toBeGreaterThanOrEqual(count);
    const written = (await going.account)?.written ?? new Map<number, string>();
    expect(written.size).toBeGreaterThan(0);
    expect(await wrongValues('cp-2', written)).toEqual([]);
  });
});

const prefixOf = (cipher: string): string => `k8s:enc:${cipher.replace(' ', ':v1:')}:`;
