import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { retryingApiClient } from '../e2e/api-client.ts';
import { pairsOn, type Pair } from '../e2e/certificates.ts';
import { declaredNames, writeDeclaration } from '../e2e/declaration.ts';
import { issuersOf, rotate } from '../e2e/rotations.ts';
import { whileSealed } from '../e2e/sealed.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, cke, cluster, figure, lab, reconcile, seconds, status } from '../e2e/story.ts';
import { underWay } from '../e2e/temporal-server.ts';

const sealedSeconds = 30;
const controlPlanes = declaredNames.filter((name) => name.startsWith('cp-'));

describe('Vault is sealed while certificates are rotated', { timeout: 900_000 }, () => {
  beforeAll(async () => {
    await standingCluster();
  });
  afterAll(async () => {
    await lab.unsealVault();
    await apply(writeDeclaration());
  });

  test('all leaves: what was there serves on, each pair on disk is a whole one, and all are new in the end', async () => {
    const before = new Set((await allPairs()).map(({ serial }) => serial));
    const client = retryingApiClient(controlPlanes);
    const begun = performance.now();
    const going = cke('certificates', 'rotate', '--cluster', cluster);
    await underWay('installFiles');
    await whileSealed(sealedSeconds, async () => {
      for (const pair of await allPairs()) expect(pair, `${pair.path} on ${pair.node}`).toMatchObject({ fits: true });
    });
    const { code, stderr } = await going;
    expect(code, stderr).toBe(0);
    figure('all leaves anew, Vault sealed in the middle', seconds(performance.now() - begun));
    await client.stop();
    expect(client.failed, 'requests that no retry saved').toEqual([]);
    const after = await allPairs();
    expect(after.filter(({ serial }) => before.has(serial))).toEqual([]);
    expect(after.filter(({ fits }) => !fits)).toEqual([]);
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });

  test('a CA: the rotation waits where it stands, and goes on from there', async () => {
    const client = retryingApiClient(controlPlanes);
    const begun = performance.now();
    const going = rotate('server');
    await expect.poll(stageNow, { timeout: 120_000, interval: 200 }).toBe('reissue');
    await underWay('installFiles');
    await whileSealed(sealedSeconds, async () => expect(await stageNow()).toBe('reissue'));
    const { from, to } = await going;
    figure('rotation of server, Vault sealed in the middle', seconds(performance.now() - begun));
    await client.stop();
    expect(client.failed, 'requests that no retry saved').toEqual([]);
    expect(await issuersOf('server')).toEqual([to]);
    expect(from).not.toBe(to);
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });
});

const allPairs = async (): Promise<Pair[]> =>
  (await Promise.all(declaredNames.map((name) => pairsOn(lab.node(name))))).flat();

const stageNow = async (): Promise<string | undefined> => (await status()).rotations[0]?.rotation.stage;
