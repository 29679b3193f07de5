import { beforeAll, describe, expect, test } from 'vitest';
import { cast } from '../e2e/cast.ts';
import { boundaryText, replaceThroughDeaths, withDeaths, type Boundary } from '../e2e/deaths.ts';
import { standingCluster, untilClean } from '../e2e/standing.ts';
import { figure, lab, memberNames, reconcile, replaceNode, seconds, until, untilConverged } from '../e2e/story.ts';
import { activitiesSince } from '../e2e/temporal-server.ts';
import { underLoad, type Load } from '../e2e/under-load.ts';
import { expectStanding } from '../e2e/whole.ts';
import { boundariesOf, known, runsOf } from './boundaries.ts';

const names = (run: readonly Boundary[]) => run.map(boundaryText).join(', ');

beforeAll(standingCluster);

test('no activity of a replacement is missing from the list', async () => {
  const begun = Date.now();
  const { goes, free } = await cast();
  await replaceNode(goes, free);
  await untilConverged(300);
  const called = await activitiesSince(begun);
  expect(called.filter((name) => !known.includes(name))).toEqual([]);
  expect(known.filter((name) => name !== 'acceptDeclaration' && !called.includes(name))).toEqual([]);
});

describe('a healthy control plane is replaced, and the worker dies', () => {
  test.each(runsOf(boundariesOf.healthy).map((run) => ({ run, at: names(run) })))('$at', async ({ run }) => {
    const { goes, stays, free } = await cast();
    await survives(run, async () => {
      await replaceThroughDeaths(goes, free);
      await untilClean(goes);
      await untilConverged(400);
    });
    expect(await memberNames()).toEqual([...stays, free].sort());
  });
});

describe('a dead control plane is replaced and comes back later, and the worker dies', () => {
  test.each(runsOf(boundariesOf.dead).map((run) => ({ run, at: names(run) })))('$at', async ({ run }) => {
    const { goes, stays, free } = await cast();
    await survives(run, async (load) => {
      load.excuse(goes);
      await lab.node(goes).powerOff();
      await replaceThroughDeaths(goes, free);
      const members = [...stays, free].sort().join();
      await until('the new members', async () => (await memberNames()).join() === members || undefined, {
        seconds: 480,
        everyMilliseconds: 2000,
      });
      await untilConverged(400);
      await lab.node(goes).powerOn();
      await untilClean(goes);
      await untilConverged(120);
    });
    expect(await memberNames()).toEqual([...stays, free].sort());
  });
});

/** New workers finish it, nothing is lost on the way, and nothing is half or double afterwards. */
async function survives(run: readonly Boundary[], story: (load: Load) => Promise<void>): Promise<void> {
  const begun = performance.now();
  await underLoad(names(run), (load) => withDeaths(run, () => story(load)));
  figure('… with the recovery', seconds(performance.now() - begun));
  expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [], blockers: [] });
  await expectStanding();
}
