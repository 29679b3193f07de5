import { afterAll, beforeAll, describe, test } from 'vitest';
import { spare } from '../e2e/declaration.ts';
import { insist } from '../e2e/deaths.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, lab } from '../e2e/story.ts';
import { otherSpare, withControlPlanes } from '../e2e/sizes.ts';
import { boundariesOf } from './boundaries.ts';
import { survivesEach, untilSettled } from './surviving.ts';

const before = ['cp-1', 'cp-2', 'cp-3'];
const added = [otherSpare, 'spare-3'];
const after = [spare, ...added];

describe('all three control planes are other machines in one declaration', () => {
  beforeAll(async () => {
    await standingCluster();
    for (const name of added) await lab.addNode(name);
  });
  afterAll(async () => {
    await apply(withControlPlanes(before, { replaced: 'rolling' }));
    await untilSettled(before, after);
    for (const name of added) await lab.removeNode(name);
  });

  test('and the worker dies at every boundary', () =>
    survivesEach('three swapped', [...boundariesOf.additions, ...boundariesOf.removals], async () => {
      const wished = withControlPlanes(after, { replaced: 'rolling' });
      await insist(() => apply(wished), { come: after, go: before });
      await untilSettled(after, before);
    }));
});
