import { afterAll, beforeAll, expect, test } from 'vitest';
import { boundaryText, withDeaths, type Boundary } from '../e2e/deaths.ts';
import { spare } from '../e2e/declaration.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, lab, memberNames, reconcile, untilConverged } from '../e2e/story.ts';
import { otherSpare, withControlPlanes } from '../e2e/sizes.ts';
import { underLoad } from '../e2e/under-load.ts';
import { expectStanding } from '../e2e/whole.ts';
import { boundariesOf, runsOf } from './boundaries.ts';

const three = ['cp-1', 'cp-2', 'cp-3'];
const five = [...three, spare, otherSpare];
const none: Boundary[] = [];

beforeAll(async () => {
  await standingCluster();
  await lab.addNode(otherSpare);
});
afterAll(async () => {
  await standingCluster();
  await lab.removeNode(otherSpare);
});

const [growing, shrinking] = [runsOf(boundariesOf.additions), runsOf(boundariesOf.removals)];
const rounds = Array.from({ length: Math.max(growing.length, shrinking.length) }, (_, index) => ({
  grow: growing[index] ?? none,
  shrink: shrinking[index] ?? none,
}));

test.each(rounds.map((round) => ({ ...round, at: [...round.grow, ...round.shrink].map(boundaryText).join(', ') })))(
  '3 → 5 → 3 control planes, and the worker dies $at',
  async ({ grow, shrink, at }) => {
    await underLoad(at, async () => {
      await resize(five, grow);
      await resize(three, shrink);
    });
    await expectStanding();
  },
);

async function resize(names: readonly string[], deaths: readonly Boundary[]): Promise<void> {
  await withDeaths(deaths, async () => {
    await apply(withControlPlanes(names));
    await untilConverged(400);
  });
  expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [], blockers: [] });
  expect(await memberNames()).toEqual(names.toSorted());
}
