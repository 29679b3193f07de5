import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spare } from '../e2e/declaration.ts';
import { applyAndFinish, otherSpare, withControlPlanes } from '../e2e/sizes.ts';
import { standingCluster, untilClean } from '../e2e/standing.ts';
import { cke, lab, memberNames, reconcile } from '../e2e/story.ts';
import { underLoad } from '../e2e/under-load.ts';
import { expectStanding } from '../e2e/whole.ts';

const before = ['cp-1', 'cp-2', 'cp-3'];
const added = [otherSpare, 'spare-3'];
const after = [spare, ...added];

describe('all three control planes are other machines in one declaration, while clients write', () => {
  beforeAll(async () => {
    await standingCluster();
    for (const name of added) await lab.addNode(name);
  });
  afterAll(async () => {
    for (const name of added) await lab.removeNode(name);
  });

  test('without rolling_replace it is refused, says what would allow it, and nothing happens', async () => {
    const { code, stderr } = await cke('apply', withControlPlanes(after), '--yes');
    expect(code).toBe(1);
    expect(stderr).toContain('0 of 3 control planes would stay');
    expect(stderr).toContain('update_strategy.rolling_replace: true');
    expect(await memberNames()).toEqual(before);
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });

  test('with it they are swapped one by one, and the old machines are left clean', () =>
    underLoad('all three control planes swapped', async () => {
      await applyAndFinish('three swapped', withControlPlanes(after, { replaced: 'rolling' }));
      expect(await memberNames()).toEqual(after);
      for (const name of before) await untilClean(name);
      await expectStanding();
      expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [], blockers: [] });
    }));

  test('and back to the machines that were there before', () =>
    underLoad('all three control planes swapped back', async () => {
      await applyAndFinish('three swapped back', withControlPlanes(before, { replaced: 'rolling' }));
      expect(await memberNames()).toEqual(before);
      for (const name of after) await untilClean(name);
      await expectStanding();
    }));
});
