import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { boundaryText, withDeaths, type Boundary } from '../e2e/deaths.ts';
import { spare } from '../e2e/declaration.ts';
import { acceptedDeclaration } from '../e2e/servers.ts';
import { standingCluster, untilClean } from '../e2e/standing.ts';
import { figure, lab, memberNames, reconcile, replaceNode, seconds, untilConverged } from '../e2e/story.ts';
import { activitiesSince } from '../e2e/temporal-server.ts';
import { underLoad, type Load } from '../e2e/under-load.ts';
import { expectStanding } from '../e2e/whole.ts';
import { boundariesOf, known, runsOf } from './boundaries.ts';

/** Two machines that take each other's place, to and fro. */
const pair = ['cp-3', spare] as const;
const names = (run: readonly Boundary[]) => run.map(boundaryText).join(', ');

beforeAll(standingCluster);

/** Also after a run that failed: what is left over is brought to its end first. */
beforeEach(async () => {
  await lab.startWorkers();
  for (const name of pair) await lab.node(name).powerOn();
  await reconcile();
  await untilConverged(300);
});

test('no activity of a replacement is missing from the list', async () => {
  const begun = Date.now();
  const { goes, comes } = await turn();
  await replaceNode(goes, comes);
  await untilConverged(300);
  const called = await activitiesSince(begun);
  expect(called.filter((name) => !known.includes(name))).toEqual([]);
  expect(known.filter((name) => name !== 'acceptDeclaration' && !called.includes(name))).toEqual([]);
});

describe('a healthy control plane is replaced, and the worker dies', () => {
  test.each(runsOf(boundariesOf.healthy).map((run) => ({ run, at: names(run) })))('$at', async ({ run }) => {
    const { goes, comes } = await turn();
    await survives(run, async () => {
      await replaceNode(goes, comes);
      await untilConverged(300);
    });
    expect(await memberNames()).toEqual(['cp-1', 'cp-2', comes].sort());
  });
});

describe('a dead control plane is replaced and comes back later, and the worker dies', () => {
  test.each(runsOf(boundariesOf.dead).map((run) => ({ run, at: names(run) })))('$at', async ({ run }) => {
    const { goes, comes } = await turn();
    await survives(run, async (load) => {
      load.excuse(goes);
      await lab.node(goes).powerOff();
      await replaceNode(goes, comes);
      await untilConverged(300);
      await lab.node(goes).powerOn();
      await untilClean(goes);
      await untilConverged(120);
    });
    expect(await memberNames()).toEqual(['cp-1', 'cp-2', comes].sort());
  });
});

/** Which of the two is a control plane now, and which comes next. */
async function turn(): Promise<{ goes: string; comes: string }> {
  const { nodes } = await acceptedDeclaration();
  const [first, second] = pair;
  return nodes.some(({ name }) => name === first) ? { goes: first, comes: second } : { goes: second, comes: first };
}

/** New workers finish it, nothing is lost on the way, and nothing is half or double afterwards. */
async function survives(run: readonly Boundary[], story: (load: Load) => Promise<void>): Promise<void> {
  const begun = performance.now();
  await underLoad(names(run), (load) => withDeaths(run, () => story(load)));
  figure('… with the recovery', seconds(performance.now() - begun));
  expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [], blockers: [] });
  await expectStanding();
}
