import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorities, pluginAuthority } from '../../cluster/certificates/certificate.ts';
import { rotatables, tokenSigner, type Rotatable } from '../../cluster/certificates/trust.ts';
import { retryingApiClient } from '../e2e/api-client.ts';
import { declaredNames, writeDeclaration } from '../e2e/declaration.ts';
import { showings } from '../e2e/doors.ts';
import { issuersOf, rotate } from '../e2e/rotations.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, cke, cluster, figure, reconcile, seconds, status } from '../e2e/story.ts';

/** The one whose rotation could cost the quorum; `npm run test:ca` rotates everything. */
const rotated: readonly Rotatable[] = ['etcd-peer'];

/** A few minutes on a machine that is not busy. */
const longest = 1_800_000;

const controlPlanes = declaredNames.filter((name) => name.startsWith('cp-'));

describe('CAs are rotated under a client that retries', { timeout: longest }, () => {
  beforeAll(async () => {
    await standingCluster();
    await apply(writeDeclaration((document) => document.setIn(['ca_rotation', 'token_overlap_hours'], 0)));
  });
  afterAll(async () => {
    await apply(writeDeclaration());
  });

  test.each(rotated)('%s: no request is lost, and what is old is refused at the end', async (of) => {
    const before = await showings(of);
    const client = retryingApiClient(controlPlanes);
    const begun = performance.now();
    const { from, to } = await rotate(of);
    figure(`rotation of ${of}`, seconds(performance.now() - begun));
    const answered = await client.stop();
    figure(`requests answered during the rotation of ${of}`, answered);
    expect(answered).toBeGreaterThan(0);
    expect(client.failed, 'requests that no retry saved').toEqual([]);
    expect(await issuersOf(of)).toEqual([to]);
    expect(from).not.toBe(to);
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
    expect((await status()).rotations).toEqual([]);
    const after = await showings(of);
    for (const { what, isBelieved } of after) expect(await isBelieved(), `${what}, by the new`).toBe('yes');
    for (const { what, isBelieved } of before) expect(await isBelieved(), `${what}, by the old`).not.toBe('yes');
  });

  test('a rotation is turned around while both are trusted', async () => {
    const before = await issuersOf('kubernetes-aggregation');
    const going = cke('certificates', 'rotate-ca', 'kubernetes-aggregation', '--cluster', cluster);
    await expect.poll(async () => (await status()).rotations.length, { timeout: 60_000, interval: 500 }).toBe(1);
    const back = await cke('certificates', 'rotate-ca', 'kubernetes-aggregation', '--rollback', '--cluster', cluster);
    expect(back.stderr + back.stdout).toContain('rolled back to');
    expect(await going).toMatchObject({ code: 0 });
    expect(await issuersOf('kubernetes-aggregation')).toEqual(before);
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });
});

test('the authorities of Vault and of this story are the same', () => {
  expect(rotatables).toEqual([...authorities, tokenSigner, pluginAuthority]);
});
