import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newIdentity } from './api-client.ts';
import { openApi } from './conformance/api.ts';
import type { Api } from './conformance/api.ts';
import { access } from './conformance/access.ts';
import { admission } from './conformance/admission.ts';
import type { Check } from './conformance/check.ts';
import { claims } from './conformance/claims.ts';
import { containers } from './conformance/containers.ts';
import { definitions } from './conformance/definitions.ts';
import { disruptive } from './conformance/disruptive.ts';
import { jobs } from './conformance/jobs.ts';
import type { Kinds } from './conformance/kinds.ts';
import { lifetimes } from './conformance/lifetimes.ts';
import { machinery } from './conformance/machinery.ts';
import { names } from './conformance/names.ts';
import { openPlace } from './conformance/place.ts';
import { probes } from './conformance/probes.ts';
import { quotas } from './conformance/quotas.ts';
import { scheduling } from './conformance/scheduling.ts';
import { security } from './conformance/security.ts';
import { services } from './conformance/services.ts';
import { storage } from './conformance/storage.ts';
import { workloads } from './conformance/workloads.ts';
import { webhooks } from './conformance/webhooks.ts';
import { standingCluster } from './standing.ts';
import { kubectl, lab, until } from './story.ts';

let opened: Api | undefined;
const api = (): Api => opened ?? expect.fail('the cluster does not stand');

async function run({ run: check, labels }: Check): Promise<void> {
  const place = await openPlace(api(), labels);
  try {
    await check(place);
  } finally {
    await place.leave();
  }
}

const leftNamespaces = async () =>
  (await api().json<{ items: Kinds['Namespace'][] }>({ path: '/api/v1/namespaces?labelSelector=check' })).items;

beforeAll(async () => {
  await standingCluster();
  for (const workload of ['daemonset/node-dns', 'deployment/cluster-dns'])
    await kubectl('rollout', 'status', '--namespace', 'kube-system', workload, '--timeout=240s');
  opened = openApi(lab.node('cp-1').address, await newIdentity());
});
afterAll(async () => {
  if (opened === undefined) return;
  const none = async () => (await leftNamespaces()).length === 0 || undefined;
  await until('the namespaces of the checks are gone', none, { seconds: 240, everyMilliseconds: 1000 });
  opened.close();
});

/** What takes a minute begins first: everything else goes on beside it. */
const slowFirst = [...jobs.toReversed(), ...storage, ...claims, ...containers, ...probes, ...workloads];
const rest = [
  ...services,
  ...names,
  ...security,
  ...scheduling,
  ...access,
  ...quotas,
  ...admission,
  ...machinery,
  ...lifetimes,
  ...definitions,
  ...webhooks,
];
const checks = [...slowFirst, ...rest];

describe.concurrent('what a cluster has to do, side by side', () => {
  for (const check of checks) test(check.what, () => run(check));
});

describe.sequential('what others would feel, one after the other', () => {
  for (const check of disruptive) test(check.what, () => run(check));
  test('there are enough of them', () => {
    expect(checks.length + disruptive.length).toBeGreaterThanOrEqual(60);
  });
});
