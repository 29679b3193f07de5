import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OperationReport } from '../../cluster/plan.ts';
import { recordCreations } from './creations.ts';
import { writeDeclaration } from './declaration.ts';
import { freshLab, prepareKubectl } from './standing.ts';
import { apply, figure, lab, reconcile, seconds, untilConverged } from './story.ts';
import { activitiesUnderWay, withTemporal } from './temporal-server.ts';
import { expectWhole } from './whole.ts';

const moments = 10;

interface Kill {
  readonly activity: string;
  /** File sets that were being made at that moment. */
  readonly sets: number;
}

describe('the worker is killed with SIGKILL at ten different moments of a bootstrap', () => {
  const file = { path: '' };
  const kills: Kill[] = [];

  beforeAll(async () => {
    await freshLab();
    await lab.startWorkers();
    file.path = writeDeclaration();
  });

  test('new workers finish what the dead ones had begun', async () => {
    const creations = await recordCreations();
    const begun = performance.now();
    const applied = apply(file.path);
    await withTemporal((client) => killAtEachMoment(client, applied, kills));
    figure('bootstrap with ten kills of the worker', seconds(performance.now() - begun));
    figure('killed in the middle of', kills.map(({ activity, sets }) => `${activity} (${sets})`).join(', '));
    expect(kills).toHaveLength(moments);
    // On a busy machine the first operation may have given something up: whatever it was is made up for without a hand.
    await untilConverged(300);
    expect(onlyOnce(await creations.end()), 'containers that were made more than once').toEqual([]);
  });

  test('the cluster is as declared, nothing is doubled and nothing is half', async () => {
    expect(await reconcile()).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    const setsLost = kills.reduce((sum, { sets }) => sum + sets, 0);
    await expectWhole({ declaration: readFileSync(file.path, 'utf8'), setsLost });
    await prepareKubectl();
  });
});

/** Kills the worker as soon as it is in the middle of something that no kill has hit yet, and starts the next. */
async function killAtEachMoment(
  client: Client,
  applied: Promise<OperationReport>,
  kills: Kill[],
): Promise<OperationReport> {
  const over = new AbortController();
  void applied.catch(() => undefined).then(() => over.abort());
  while (!over.signal.aborted && kills.length < moments) {
    const fresh = (await activitiesUnderWay(client)).find((name) => kills.every(({ activity }) => activity !== name));
    if (fresh === undefined) {
      await sleep(5);
      continue;
    }
    const [pid = 0] = await lab.startWorkers();
    process.kill(pid, 'SIGKILL');
    // Temporal has not noticed yet: what it calls started is what the worker died in.
    const dyingIn = await activitiesUnderWay(client);
    kills.push({ activity: fresh, sets: dyingIn.filter((name) => name === 'installFiles').length });
    await lab.endWorkers('kill');
    await lab.startWorkers();
  }
  return applied;
}

/** Places whose container was created again. An etcd member has two: the first start, and the settled one. */
function onlyOnce(counts: Record<string, number>): string[] {
  return Object.entries(counts).flatMap(([place, count]) =>
    count > (place.endsWith('/etcd') ? 2 : 1) ? [`${place}: ${count}`] : [],
  );
}
