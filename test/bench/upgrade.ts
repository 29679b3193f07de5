import { readFileSync } from 'node:fs';
import { applyDeclaration, initialise, takeKubeconfig, waitForNodes } from '../../lab/demo-cluster.ts';
import { writeDeclaration } from '../../lab/demo-declaration.ts';
import { writeAtomically } from '../../lab/state.ts';
import { olderEtcd, olderKubernetes } from '../../lab/versions.ts';
import { asked, gapsOf, underClients } from './clients.ts';
import { quantile, seconds, whole, type Figure } from './figures.ts';
import type { OperationHistory } from './operation-history.ts';
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
      ours: [0.5, 0.99, 1].map((share) => whole(quantile(gapsOf(patch.writes), share), 'ms')).join(' / '),
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
