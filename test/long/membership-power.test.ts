import { beforeAll, describe, expect, test } from 'vitest';
import { cast } from '../e2e/cast.ts';
import { saysMissing } from '../e2e/power-loss.ts';
import { standingCluster } from '../e2e/standing.ts';
import { lab, memberNames, reconcile, replaceNode, until, untilConverged } from '../e2e/story.ts';
import { underLoad } from '../e2e/under-load.ts';
import { expectStanding } from '../e2e/whole.ts';

describe('a control plane is replaced, while clients write', () => {
  beforeAll(standingCluster);

  test('one loses its power while another is replaced: it stops, says who is missing, and goes on when that is back', async () => {
    const { goes, stays, free } = await cast();
    const [off = ''] = stays;
    await underLoad('power lost in the middle of a replacement', async (load) => {
      const replacing = replaceNode(goes, free);
      replacing.catch(() => undefined);
      await until('the new member', async () => (await memberNames()).find((name) => name.startsWith(free)), {
        seconds: 300,
        everyMilliseconds: 500,
      });
      load.excuse(off);
      await lab.node(off).powerOff();
      await until('a status that names it', () => saysMissing(off), { seconds: 300, everyMilliseconds: 1000 });
      await replacing;
      const nodes = (await memberNames()).map((name) => name.split(' ')[0]);
      expect(nodes, 'nobody is taken out meanwhile').toEqual([goes, ...stays, free].sort());
      await lab.node(off).powerOn();
      const wanted = [...stays, free].sort().join();
      await until('three members', async () => (await memberNames()).join() === wanted || undefined, {
        seconds: 300,
        everyMilliseconds: 2000,
      });
      load.readmit(off);
      await untilConverged(300);
      expect(await reconcile()).toMatchObject({ outcome: 'converged', blockers: [] });
      await expectStanding();
    });
  });
});
