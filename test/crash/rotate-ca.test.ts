import { join } from 'node:path';
import { env } from 'node:process';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pluginAuthority } from '../../cluster/certificates/certificate.ts';
import { rotatables, type Rotatable } from '../../cluster/certificates/trust.ts';
import { writeAtomically } from '../../lab/state.ts';
import type { RotationProgress } from '../../workflows/contracts.ts';
import { newIdentity, retryingApiClient } from '../e2e/api-client.ts';
import { withDeathAtEach } from '../e2e/deaths.ts';
import { declaredNames, writeDeclaration } from '../e2e/declaration.ts';
import { sampleShowings, showings } from '../e2e/doors.ts';
import { webhookConfiguration, webhookSecret } from '../e2e/manifests.ts';
import { prepareKubectl, standingCluster } from '../e2e/standing.ts';
import { apply, cke, cluster, figure, kubectl, lab, reconcile, seconds, status, until } from '../e2e/story.ts';
import { issuersOf, podsKnowTheNewCaOnly, rotate } from '../e2e/rotations.ts';
import { sampleTalks, talkersOf } from '../e2e/talks.ts';

/** Without the CA of a plugin that this cluster does not run: test/long/kms.test.ts rotates it. */
const rotated = rotatables.filter((of) => of !== pluginAuthority);

/** A worker dies at each boundary, unless one wants to see the rotations alone. */
const deaths = env['CKE_CRASH_DEATHS'] === '0' ? 'none' : 'at each boundary';

/** A few minutes on a machine that is not busy; each death of a worker takes a quarter of one. */
const longest = 1_800_000;

const controlPlanes = declaredNames.filter((name) => name.startsWith('cp-'));

/** Boundaries at which a worker has died in the rotation of another CA, where the activity is the same for all. */
const met = new Set<string>();

/** What differs from CA to CA: at these a worker dies in each rotation. */
const ownToEach =
  /^(before|after) (installFiles|replaceContainer|awaitHealthy|awaitCertificates|restartMember|moveLeaderAway|awaitMemberSynced|applyResources|beginRotation|settleHolders|advanceRotation)$/u;

/** At what no rotation can do without, a worker has to have died: a crash that did not happen proves nothing. */
const always = ['beginRotation', 'lookAtRotation', 'settleHolders', 'advanceRotation'].flatMap((name) => [
  `before ${name}`,
  `after ${name}`,
]);

describe('CAs are rotated while workers die and components talk', { timeout: longest }, () => {
  beforeAll(async () => {
    await standingCluster();
    await apply(writeDeclaration((document) => document.setIn(['ca_rotation', 'token_overlap_hours'], 0)));
    await kubectl('delete', 'deployment', 'ca-reader', '--ignore-not-found');
    await kubectl('create', 'deployment', 'ca-reader', '--image=cke.lab/echo:1', '--replicas=2');
    await kubectl('rollout', 'status', 'deployment/ca-reader', '--timeout=180s');
    const hook = join(lab.paths.directory, 'hook.yaml');
    writeAtomically(hook, [webhookSecret, webhookConfiguration].map((object) => stringify(object)).join('---\n'));
    await cke('resource', 'set', hook, '--wait', '--cluster', cluster);
    await until('a certificate for the webhook', hasCertificate, { seconds: 300 });
  });
  afterAll(async () => {
    await prepareKubectl();
    await kubectl('delete', 'deployment', 'ca-reader', '--ignore-not-found');
    await cke('resource', 'delete', 'secret', 'default/hook-tls', '--cluster', cluster);
    await cke('resource', 'delete', 'validatingwebhookconfiguration', 'hook', '--cluster', cluster);
    await apply(writeDeclaration());
  });

  test.each(rotated)('%s: no request is lost, and what is old is refused at the end', async (of) => {
    await prepareKubectl();
    const before = await showings(of);
    for (const { what, isBelieved } of before) expect(await isBelieved(), what).toBe('yes');
    const old = await newIdentity();
    const client = retryingApiClient(controlPlanes);
    const sampler = talkersOf(of).length > 0 ? sampleTalks(of) : sampleShowings(of);
    const begun = performance.now();
    const { from, to } = await (deaths === 'at each boundary' ? rotateThroughDeaths(of) : rotate(of));
    figure(`rotation of ${of}`, seconds(performance.now() - begun));
    const [answered, { samples, talks, away, disbelief }] = [await client.stop(), await sampler.stop()];
    figure(`requests answered during the rotation of ${of}`, answered);
    figure('samples, talks, nobody there', [samples, talks, away].join(', '));
    expect(answered).toBeGreaterThan(0);
    expect(client.failed, 'requests that no retry saved').toEqual([]);
    expect(talks, 'talks between components').toBeGreaterThan(away);
    expect([...disbelief], 'components that did not believe each other').toEqual([]);
    expect(await issuersOf(of)).toEqual([to]);
    expect(from).not.toBe(to);
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
    expect((await status()).rotations).toEqual([]);
    await prepareKubectl();
    for (const { what, isBelieved } of await showings(of))
      expect(await isBelieved(), `${what}, by the new`).toBe('yes');
    for (const { what, isBelieved } of before) expect(await isBelieved(), `${what}, by the old`).not.toBe('yes');
    if (of === 'kubernetes') await podsKnowTheNewCaOnly(old);
  });
});

/** A worker dies at each boundary of what this rotation does, one after the other. */
async function rotateThroughDeaths(of: Rotatable): Promise<RotationProgress> {
  const spared = [...met].filter((boundary) => !ownToEach.test(boundary));
  let ended: RotationProgress | undefined;
  const died = await withDeathAtEach(async () => {
    ended = await rotate(of);
  }, spared);
  for (const boundary of died) met.add(boundary);
  figure(`deaths in the rotation of ${of}`, `${died.length}: ${died.join(', ')}`);
  expect(always.filter((boundary) => !met.has(boundary))).toEqual([]);
  if (ended === undefined) throw new Error(`the rotation of ${of} did not end`);
  return ended;
}

async function hasCertificate(): Promise<true | undefined> {
  return (await kubectl('get', 'secret', 'hook-tls', '--output', 'json')).includes('tls.crt') || undefined;
}
