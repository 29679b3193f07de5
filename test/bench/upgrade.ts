import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEtcdClient } from '../../activities/etcd/client.ts';
import { clientUrl } from '../../activities/etcd/gateways.ts';
import { applyDeclaration, initialise, takeKubeconfig, waitForNodes } from '../../lab/demo-cluster.ts';
import { writeDeclaration } from '../../lab/demo-declaration.ts';
import { writeAtomically } from '../../lab/state.ts';
import { olderEtcd, olderKubernetes } from '../../lab/versions.ts';
import { startRiversClients, type Asked } from '../workload/rivers-clients.ts';
import { activitiesText, roundsText } from './bootstrap.ts';
import { quantile, seconds, whole, type Figure } from './figures.ts';
import { clientCredentialsOf } from './look.ts';
import { operationsSince, type OperationHistory } from './operation-history.ts';
import type { Site } from './site.ts';

const newer = { kubernetes: '1.34.4', etcd: '3.6.16' };

/** A fresh cluster of 3 + 2 at older versions: Kubernetes goes up by a minor, then etcd by a patch, while clients write and read. */
export async function upgrade(site: Site): Promise<Figure[]> {
  const { lab, progress } = site;
  await initialise(lab);
  await lab.startWorkers();
  await applyDeclaration(lab, progress, versions(site, { kubernetes: olderKubernetes, etcd: olderEtcd }));
  await takeKubeconfig(lab);
  await waitForNodes(lab);
  await site.settled();
  const minor = await underClients(site, versions(site, { ...newer, etcd: olderEtcd }));
  await site.settled();
  const patch = await underClients(site, versions(site, newer));
  const shares = sharesOf(minor.operations);
  const slowest = Math.max(...shares.map(({ began, ended }) => ended - began));
  return [
    { what: 'upgrade of 3 + 2 nodes by a minor of Kubernetes, no drain', ours: seconds(minor.took), goal: '< 2 min' },
    {
      what: '… its kubelets and kube-proxies, first to last; slowest node',
      ours: `${seconds(nodesTook(shares))}; ${seconds(slowest)}`,
      goal: `⌈5/10⌉ × slowest + 10 s = ${seconds(slowest + 10_000)}`,
    },
    { what: '… requests through rivers: all, tried again, failed', ours: asked(minor.requests), goal: '0 failed' },
    { what: 'upgrade of etcd by a patch, three members', ours: seconds(patch.took) },
    { what: '… requests through rivers: all, tried again, failed', ours: asked(patch.requests), goal: '0 failed' },
    {
      what: '… write gaps of a client of etcd: p50 / p99 / longest',
      ours: [0.5, 0.99, 1].map((share) => whole(quantile(patch.gaps, share), 'ms')).join(' / '),
      goal: 'p99 < 250 ms',
    },
  ];
}

/** The demo's declaration at these versions, beside the lab's other files. */
function versions({ lab }: Site, { kubernetes, etcd }: typeof newer): string {
  const file = writeDeclaration(lab);
  const text = readFileSync(file, 'utf8').replace(/^kubernetes_version: .*$/m, `kubernetes_version: ${kubernetes}`);
  writeAtomically(file, `${text}\nimages:\n  etcd: quay.io/coreos/etcd:v${etcd}\n`);
  return file;
}

interface Measured {
  took: number;
  operations: OperationHistory[];
  requests: Asked[];
  /** Milliseconds between acknowledged writes of one client that writes all the time. */
  gaps: number[];
}

async function underClients(site: Site, declaration: string): Promise<Measured> {
  const { lab, progress, client, cluster } = site;
  const credentials = await clientCredentialsOf(site);
  const clients = startRiversClients(lab.nodes(), credentials.kubernetes);
  const writer = writeAllTheTime(site, credentials.etcd);
  const since = Date.now();
  const { milliseconds: took } = await applyDeclaration(lab, progress, declaration);
  const [requests, gaps] = [clients.stop(), await writer.stop()];
  const operations = await operationsSince(client, cluster, since);
  process.stdout.write(`${roundsText(operations)}\n${activitiesText(operations)}\n`);
  return { took, operations, requests, gaps };
}

type Credentials = Awaited<ReturnType<typeof clientCredentialsOf>>['etcd'];

/** One client that knows every member, as an API server does: it writes to another one when one does not answer. */
function writeAllTheTime({ lab }: Site, credentials: Credentials) {
  const members = lab.nodes().filter(({ name }) => name.startsWith('cp-'));
  const doors = members.map(({ address }) =>
    openEtcdClient({ endpoint: clientUrl(address), credentials, timeoutMs: 500 }),
  );
  const stopped = new AbortController();
  const gaps: number[] = [];
  const working = (async () => {
    let last = performance.now();
    for (let turn = 0, count = 0; !stopped.signal.aborted;) {
      try {
        await doors[turn % doors.length]?.put('bench/upgrade').value(String(count++));
        gaps.push(performance.now() - last);
        last = performance.now();
        await sleep(5);
      } catch {
        turn += 1;
      }
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await working;
      for (const door of doors) door.close();
      return gaps;
    },
  };
}

/** When the share of each node began and ended: its kubelet and its kube-proxy, from their images to their health. */
function sharesOf(operations: OperationHistory[]): { began: number; ended: number }[] {
  const theirs = operations
    .flatMap(({ activities }) => activities)
    .filter(({ place: { component = '' } }) => ['kubelet', 'kube-proxy'].includes(component));
  return [...Map.groupBy(theirs, ({ place }) => place.node).values()].map((runs) => ({
    began: Math.min(...runs.map(({ scheduledAt }) => scheduledAt)),
    ended: Math.max(...runs.map(({ endedAt }) => endedAt)),
  }));
}

function nodesTook(shares: ReturnType<typeof sharesOf>): number {
  return Math.max(...shares.map(({ ended }) => ended)) - Math.min(...shares.map(({ began }) => began));
}

function asked(requests: Asked[]): string {
  const again = requests.filter(({ failures }) => failures.length > 0).length;
  return `${requests.length}, ${again}, ${requests.filter(({ outcome }) => outcome === 'failed').length}`;
}
