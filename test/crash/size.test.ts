import { afterAll, beforeAll, describe, test } from 'vitest';
import { boundaryText, insist, type Boundary } from '../e2e/deaths.ts';
import { spare } from '../e2e/declaration.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, lab } from '../e2e/story.ts';
import { otherSpare, withControlPlanes } from '../e2e/sizes.ts';
import { boundariesOf, runsOf } from './boundaries.ts';
import { survives, survivesEach, untilSettled } from './surviving.ts';

const three = ['cp-1', 'cp-2', 'cp-3'];
const added = [spare, otherSpare];
const five = [...three, ...added];
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
const rounds = Array.from({ length: Math.max(growing.length, shrinking.length) }, (_, index) => {
  const [grow, shrink] = [growing[index] ?? none, shrinking[index] ?? none];
  return { grow, shrink, at: [...grow, ...shrink].map(boundaryText).join(', ') };
});

describe('3 → 5 → 3 control planes, and the worker dies', () => {
  test('at every boundary of what comes', () => survivesEach('3 → 5', boundariesOf.additions, resized(five, [])));
  test('at every boundary of what goes', () => survivesEach('5 → 3', boundariesOf.removals, resized(three, added)));
  test.each(rounds)('$at', async ({ grow, shrink }) => {
    await survives(grow, resized(five, []));
    await survives(shrink, resized(three, added));
  });
});

/** What is accepted is carried out, however long the client has patience with workers that keep dying. */
function resized(names: readonly string[], left: readonly string[]): () => Promise<void> {
  return async () => {
    await insist(() => apply(withControlPlanes(names)), { come: names, go: left });
    await untilSettled(names, left);
  };
}
