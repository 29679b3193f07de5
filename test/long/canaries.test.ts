import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeDeclaration } from '../e2e/declaration.ts';
import {
  canaries,
  deleteSecrets,
  hits,
  knownSecrets,
  openReceiver,
  refusals,
  setSecret,
  type Secret,
} from './planted.ts';
import {
  clusterEtcd,
  commandLines,
  exportedHistories,
  inspections,
  managementEtcd,
  nodesOwnLogs,
  temporalDatabase,
  workerLogs,
  workerMetrics,
} from './searched.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, cke, cluster, figure, lab, run, until } from '../e2e/story.ts';

/** The worker says all it can, and so do the libraries below it. */
const talkative = { CKE_LOG_LEVEL: 'debug', DEBUG: '*' };

describe('no secret is where people and programs look', () => {
  const secrets: Secret[] = [];
  const seen = { own: '', told: [] as string[], refusals: '' };
  let receiver: Server | undefined;

  beforeAll(async () => {
    await standingCluster();
    const { told, url, server } = await openReceiver();
    receiver = server;
    seen.told = told;
    const entries = [`canary=${url}`, `signing_key=${canaries.signingKey}`];
    await run('vault', 'kv', 'put', `-mount=cke/${cluster}/secrets`, 'notifications', ...entries);
    await lab.endWorkers();
    await lab.startWorkers({ environment: talkative });
    await apply(
      writeDeclaration((document) =>
        document.setIn(['notifications'], {
          webhooks: [{ name: 'canary', url_secret: 'canary', events: ['blocked', 'failed', 'converged'] }],
        }),
      ),
    );
    await setSecret();
    const rotated = await cke('certificates', 'rotate', '--node', 'cp-1', '--cluster', cluster);
    expect(rotated.code, rotated.stderr).toBe(0);
    seen.refusals = await refusals();
    await until('a webhook that is told', () => told.length > 1 || undefined, { seconds: 120 });
    const known = await knownSecrets();
    secrets.push(...known.secrets);
    seen.own = known.own;
  });
  afterAll(async () => {
    receiver?.close();
    await deleteSecrets();
    await lab.endWorkers();
    await lab.startWorkers();
    await apply(writeDeclaration());
    await run('vault', 'kv', 'delete', `-mount=cke/${cluster}/secrets`, 'notifications');
  });

  test('the search finds each secret where it belongs', () => {
    figure('secrets that are looked for', secrets.length);
    for (const { what, needles } of secrets) expect(hits(seen.own, needles), what).toBeGreaterThan(0);
  });

  test.each<[string, () => Promise<string> | string, RegExp]>([
    ['the history of all workflows, in Temporal’s own database', temporalDatabase, /clusterWorkflow/],
    ['the exported history of all workflows', exportedHistories, /installFiles/],
    ['the logs of the workers, debug level included', workerLogs, /\[DEBUG\][^]*modem/],
    ['the metrics of a worker', workerMetrics, /^cke_certificate_expiry_timestamp_seconds\{/m],
    ['docker inspect of all containers', inspections, /kube-apiserver/],
    ['the logs of all containers', nodesOwnLogs, /etcdserver/],
    ['the dump of the management etcd', managementEtcd, /^cke\/story\//m],
    ['the dump of the cluster’s etcd', clusterEtcd, /\/registry\/secrets\/default\/canary/],
    ['the command lines and environments of all processes', commandLines, /kube-apiserver/],
    ['what webhooks are told', () => seen.told.join('\n'), /"event":/],
    ['what people are told of refusals', () => seen.refusals, /canary-refused/],
  ])('%s', async (what, read, marker) => {
    const text = await read();
    figure(`searched ${what}`, `${Math.round(text.length / 1024)} KiB`);
    expect(marker.test(text), `${marker} in what was searched`).toBe(true);
    for (const { what: secret, needles } of secrets) expect(hits(text, needles), `${secret} in ${what}`).toBe(0);
    expect(/hvs\.[\w-]{20,}|PRIVATE KEY-----/.exec(text)?.[0], `the look of a secret in ${what}`).toBeUndefined();
  });
});
