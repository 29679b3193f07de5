import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containerIds, containerOn, replaced } from './containers.ts';
import { recordCreations } from './creations.ts';
import { declaredNames, workerNames, writeDeclaration } from './declaration.ts';
import { standingCluster } from './standing.ts';
import { apply, figure, lab, reconcile, seconds, until } from './story.ts';
import { activitiesUnderWay, withTemporal } from './temporal-server.ts';

describe('two workers at once, one of which dies in the middle', () => {
  beforeAll(async () => {
    await standingCluster();
    await lab.startWorkers({ count: 2 });
  });
  afterAll(async () => {
    await lab.endWorkers();
  });

  test('no step is done twice', async () => {
    const controlPlanes = declaredNames.filter((name) => !workerNames.includes(name));
    const wanted = [
      ...controlPlanes.map((node) => `${node}/kube-scheduler`),
      ...declaredNames.map((node) => `${node}/kubelet`),
    ].sort();
    const before = await containerIds();
    const creations = await recordCreations();
    const begun = performance.now();
    const applied = apply(
      writeDeclaration((document) => {
        document.setIn(['options', 'kube-scheduler', 'extra_args'], ['--v=3']);
        document.setIn(['options', 'kubelet', 'config', 'maxPods'], 78);
      }),
    );
    await withTemporal(async (client) => {
      while (!(await activitiesUnderWay(client)).includes('replaceContainer')) await sleep(5);
    });
    const [first = 0] = await lab.startWorkers({ count: 2 });
    process.kill(first, 'SIGKILL');
    const report = await applied;
    figure('two workers, one killed: apply', seconds(performance.now() - begun));
    expect(report).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    expect(replaced(before, await containerIds())).toEqual(wanted);
    expect(await creations.end()).toEqual(Object.fromEntries(wanted.map((place) => [place, 1])));
    expect(report.done.toSorted(), 'a step stands twice in the report').toEqual([...new Set(report.done)].sort());
  });

  test('the one that is left goes on alone', async () => {
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });

  test.each(['stop', 'kill'] as const)(
    'what dies while no worker runs is repaired as soon as one does (%s)',
    async (how) => {
      await lab.endWorkers(how);
      const place = lab.node('worker-1');
      await place.exec(['docker', 'kill', 'kube-proxy']);
      await lab.startWorkers();
      await until('kube-proxy runs again', async () => (await containerOn(place, 'kube-proxy'))?.running || undefined, {
        seconds: 90,
      });
    },
  );
});
