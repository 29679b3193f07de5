import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spare } from '../e2e/declaration.ts';
import { applyAndFinish, otherSpare, withControlPlanes } from '../e2e/sizes.ts';
import { standingCluster } from '../e2e/standing.ts';
import { cke, lab, memberNames, reconcile, untilConverged } from '../e2e/story.ts';
import { underLoad } from '../e2e/under-load.ts';
import { expectStanding } from '../e2e/whole.ts';

const three = ['cp-1', 'cp-2', 'cp-3'];
const five = [...three, spare, otherSpare];

describe('three control planes become five, and three again, while clients write', () => {
  beforeAll(async () => {
    await standingCluster();
    await lab.addNode(otherSpare);
  });
  afterAll(async () => {
    await lab.node('cp-3').powerOn();
    await standingCluster();
    await lab.removeNode(otherSpare);
  });

  test('3 → 5: one learner after the other', () =>
    underLoad('3 → 5 control planes', async () => {
      await applyAndFinish('3 → 5', withControlPlanes(five));
      expect(await memberNames()).toEqual(five.toSorted());
      await expectStanding();
    }));

  test('5 → 3 is refused with the numbers while one that stays is down, and nothing happens', () =>
    underLoad('a shrink that is refused', async (load) => {
      load.excuse('cp-3');
      await lab.node('cp-3').powerOff();
      const { code, stderr } = await cke('apply', withControlPlanes(three), '--yes');
      expect(code).toBe(1);
      expect(stderr).toContain('spare-1, spare-2 in sync would leave while cp-3 is');
      expect(stderr).toContain('2 of the 3 that stay are in sync and 2 are a quorum: margin 0');
      expect(await memberNames()).toEqual(five.toSorted());
      await lab.node('cp-3').powerOn();
      await untilConverged(180);
      load.readmit('cp-3');
      expect(await memberNames()).toEqual(five.toSorted());
    }));

  test('5 → 3: one after the other, and the machines that leave are clean', () =>
    underLoad('5 → 3 control planes', async () => {
      await applyAndFinish('5 → 3', withControlPlanes(three));
      expect(await memberNames()).toEqual(three);
      await expectStanding();
    }));

  test('two of three in one go are refused: a majority would leave', async () => {
    const { code, stderr } = await cke('apply', withControlPlanes(['cp-1']), '--yes');
    expect(code).toBe(1);
    expect(stderr).toContain('1 of 3 control planes would stay (cp-2, cp-3 would leave)');
    expect(stderr).toContain('would leave 1 < quorum 2');
    expect(await memberNames()).toEqual(three);
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });
});
