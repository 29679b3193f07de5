import { beforeAll, describe, expect, test } from 'vitest';
import { cast } from '../e2e/cast.ts';
import { boundaryText, replaceThroughDeaths } from '../e2e/deaths.ts';
import { standingCluster } from '../e2e/standing.ts';
import { lab, memberNames, replaceNode, until, untilConverged } from '../e2e/story.ts';
import { activitiesSince } from '../e2e/temporal-server.ts';
import type { Load } from '../e2e/under-load.ts';
import { boundariesOf, known, runsOf } from './boundaries.ts';
import { patienceSeconds, survives, survivesEach, untilSettled } from './surviving.ts';

const healthy = runsOf(boundariesOf.healthy).map((run) => ({ run, at: run.map(boundaryText).join(', ') }));
const dead = runsOf(boundariesOf.dead).map((run) => ({ run, at: run.map(boundaryText).join(', ') }));

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
  test('at every boundary', async () => survivesEach('a healthy one', boundariesOf.healthy, await healthyOne()));
  test.each(healthy)('$at', async ({ run }) => survives(run, await healthyOne()));
});

describe('a dead control plane is replaced and comes back later, and the worker dies', () => {
  test('at every boundary', async () => survivesEach('a dead one', boundariesOf.dead, await deadOne()));
  test.each(dead)('$at', async ({ run }) => survives(run, await deadOne()));
});

/** What is to happen, the parts being cast before the first worker is doomed. */
async function healthyOne() {
  const { goes, stays, free } = await cast();
  return async () => {
    await replaceThroughDeaths(goes, free);
    await untilSettled([...stays, free], [goes]);
  };
}

async function deadOne() {
  const { goes, stays, free } = await cast();
  return async (load: Load) => {
    load.excuse(goes);
    await lab.node(goes).powerOff();
    await replaceThroughDeaths(goes, free);
    const members = [...stays, free].sort().join();
    const patience = { seconds: patienceSeconds, everyMilliseconds: 2000 };
    await until('the new members', async () => (await memberNames()).join() === members || undefined, patience);
    await lab.node(goes).powerOn();
    await untilSettled([...stays, free], [goes]);
  };
}
