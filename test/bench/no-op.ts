import { readFileSync } from 'node:fs';
import { clusterWorkflowId } from '../../workflows/contracts.ts';
import { createViews } from './look.ts';
import { quantile, spread, whole, type Figure } from './figures.ts';
import { lastOperation } from './operation-history.ts';
import { countRequests } from './requests.ts';
import type { Site } from './site.ts';

const nodes = 5;

/** A converged cluster is looked at again: how long, how much work for the worker, how many requests. */
export async function noOp(site: Site, rounds: number): Promise<Figure[]> {
  await site.settled();
  for (let warm = 0; warm < 3; warm++) await site.reconcile();
  const entity = site.client.workflow.getHandle(clusterWorkflowId(site.cluster));
  const entityLength = async () => (await entity.describe()).historyLength;
  const [cpuBefore, eventsBefore] = [processorMilliseconds(site.workerPid()), await entityLength()];
  const walls: number[] = [];
  for (let round = 0; round < rounds; round++) walls.push(await site.reconcile());
  const cpu = (processorMilliseconds(site.workerPid()) - cpuBefore) / rounds;
  const entityEvents = Math.max(0, (await entityLength()) - eventsBefore) / rounds;
  const operation = await lastOperation(site.client, site.cluster);
  return [
    { what: 'no-op pass, request to answer, p50 / p95', ours: spread(walls, inMilliseconds), goal: '< 200 ms' },
    { what: '… its operation alone', ours: whole(operation.milliseconds, 'ms'), cke: '629 ms' },
    { what: '… CPU time of the worker', ours: whole(cpu, 'ms'), cke: '76 ms, and 25 docker CLI processes' },
    {
      what: '… events: operation + entity',
      ours: `${operation.events} + ${Math.round(entityEvents)}`,
      goal: '< 30',
    },
    ...(await looks(site, rounds)),
  ];
}

const inMilliseconds = (value: number): string => whole(value, 'ms');

/** The look itself, in this very process, without Temporal. */
async function looks(site: Site, rounds: number): Promise<Figure[]> {
  const views = await createViews(site);
  try {
    const first = await countRequests(async () => views.look());
    await views.look();
    const steady = await countRequests(async () => views.look());
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      await views.look();
      times.push(performance.now() - began);
    }
    const { http, grpc, fetch } = steady;
    const all = http + grpc + fetch;
    return [
      { what: '… the look alone, p50', ours: whole(quantile(times, 0.5), 'ms') },
      {
        what: '… requests over the network: HTTP + gRPC',
        ours: `${http + fetch} + ${grpc}`,
        cke: '5 new SSH connections, 38 remote commands',
        goal: '≤ 2 a node',
      },
      { what: '… a node', ours: (all / nodes).toFixed(1) },
      { what: '… with the first look (logins, certificates)', ours: `${first.http + first.fetch} + ${first.grpc}` },
    ];
  } finally {
    views.close();
  }
}

const ticksPerSecond = 100;

/** User and system time of a process since it started. */
function processorMilliseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}
