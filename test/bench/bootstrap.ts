import Table from 'cli-table3';
import { applyDeclaration, initialise, takeKubeconfig, waitForNodes } from '../../lab/demo-cluster.ts';
import { writeDeclaration } from '../../lab/demo-declaration.ts';
import { quantile, seconds, whole, type Figure } from './figures.ts';
import { lastOperation, roundsOf, type OperationHistory } from './operation-history.ts';
import type { Site } from './site.ts';

/** A cluster of 3 + 2 from empty nodes that have the images: from `cke-client apply` until all is done. */
export async function bootstrap({ lab, progress, client, cluster }: Site): Promise<Figure[]> {
  const declaration = writeDeclaration(lab);
  await initialise(lab);
  await lab.startWorkers();
  const { milliseconds } = await applyDeclaration(lab, progress, declaration);
  const operation = await lastOperation(client, cluster);
  await takeKubeconfig(lab);
  const ready = performance.now();
  await waitForNodes(lab);
  process.stdout.write(`${roundsText(operation)}\n${activitiesText(operation)}\n`);
  return [
    {
      what: 'bootstrap, 3 + 2 nodes: cke-client apply until converged',
      ours: seconds(milliseconds),
      cke: '81 s (45 s at an interval of 3 s)',
      goal: '< 30 s',
    },
    { what: '… of it in rounds of the operation', ours: seconds(operation.milliseconds) },
    { what: '… rounds, events in its history', ours: `${roundsOf(operation).length}, ${operation.events}` },
    { what: '… then until all nodes are Ready', ours: seconds(performance.now() - ready) },
  ];
}

function roundsText(operation: OperationHistory): string {
  const table = new Table({ head: ['round', 'phase', 'steps', 'looking', 'acting'], style: { head: [], border: [] } });
  for (const [index, { phase, steps, looking, acting }] of roundsOf(operation).entries())
    table.push([index + 1, phase, steps, whole(looking, 'ms'), whole(acting, 'ms')]);
  return table.toString();
}

/** Where the time goes, by kind of activity. */
function activitiesText({ activities }: OperationHistory): string {
  const table = new Table({
    head: ['activity', 'times', 'failed', 'p50', 'longest', 'sum'],
    style: { head: [], border: [] },
  });
  const byName = Map.groupBy(activities, ({ name }) => name);
  const rows = [...byName].map(([name, runs]) => {
    const times = runs.map(({ endedAt, scheduledAt }) => endedAt - scheduledAt);
    const failed = runs.filter(({ outcome }) => outcome === 'failed').length;
    return { name, failed, times, sum: times.reduce((total, one) => total + one, 0) };
  });
  for (const { name, failed, times, sum } of rows.sort((a, b) => b.sum - a.sum)) {
    const [half, most] = [quantile(times, 0.5), Math.max(...times)];
    table.push([name, times.length, failed, whole(half, 'ms'), whole(most, 'ms'), whole(sum, 'ms')]);
  }
  return table.toString();
}
