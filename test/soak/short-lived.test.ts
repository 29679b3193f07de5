import { env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { retryingApiClient } from '../e2e/api-client.ts';
import { declaredNames, writeDeclaration } from '../e2e/declaration.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, figure, history, seconds, untilConverged } from '../e2e/story.ts';
import { retryingEtcdClient } from './etcd-client.ts';
import { sampleCertificates } from './served.ts';

/** Twenty unless `CKE_SOAK_MINUTES` says otherwise; five at least, so that all is renewed twice. */
const minutes = Math.max(5, Number(env['CKE_SOAK_MINUTES'] ?? 20));

const lifetimeMinutes = 3;
const controlPlanes = declaredNames.filter((name) => name.startsWith('cp-'));

/** Each certificate lives three minutes, and is renewed in the last half of that. */
function shortLived(): string {
  return writeDeclaration((document) =>
    document.set('certificates', { lifetime_hours: lifetimeMinutes / 60, renew_before_hours: lifetimeMinutes / 120 }),
  );
}

describe(`certificates that live ${lifetimeMinutes} minutes, for ${minutes} minutes`, () => {
  beforeAll(async () => {
    await standingCluster();
    const begun = performance.now();
    const { outcome } = await apply(shortLived());
    figure(`all made anew with a short life: ${outcome}`, seconds(performance.now() - begun));
  });
  afterAll(async () => {
    await apply(writeDeclaration());
  });

  test('no request is lost, nothing is ever seen expired, and every kind is renewed again and again', async () => {
    const begun = new Date().toISOString();
    const [api, etcd] = [retryingApiClient(controlPlanes), await retryingEtcdClient(controlPlanes)];
    const sampler = sampleCertificates();
    for (let minute = 1; minute <= minutes; minute += 1) {
      await sleep(60_000);
      const { samples, expired, serials } = sampler.seen;
      const counts = [...serials.values()].map(({ size }) => size);
      figure(
        `after ${minute} min`,
        `${samples} samples, ${expired.size} expired, ${Math.min(...counts)} to ${Math.max(...counts)} certificates a place`,
      );
    }
    const [requests, values, seen] = [await api.stop(), await etcd.stop(), await sampler.stop()];
    figure('requests to the API answered', requests);
    figure('values of etcd written and read back', values);
    const failed = (await history(200)).filter(({ at }) => at > begun).flatMap(({ report }) => report.failed);
    figure('steps that failed and were tried again', failed.length);
    for (const { step, message } of failed.slice(0, 10)) figure(step, message);
    expect([...seen.expired]).toEqual([]);
    expect(api.failed, 'requests to the API that no retry saved').toEqual([]);
    expect(etcd.failed, 'requests to etcd that no retry saved').toEqual([]);
    const seldom = [...seen.serials].filter(([, { size }]) => size <= minutes / lifetimeMinutes);
    expect(
      seldom.map(([place]) => place),
      'places that were renewed too seldom',
    ).toEqual([]);
    await untilConverged(300);
  });
});
