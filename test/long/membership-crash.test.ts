import { beforeAll, describe, expect, test } from 'vitest';
import { cast } from '../e2e/cast.ts';
import { replaceThroughDeaths, withDeaths, type Boundary } from '../e2e/deaths.ts';
import { standingCluster, untilClean } from '../e2e/standing.ts';
import { figure, memberNames, reconcile, seconds, untilConverged } from '../e2e/story.ts';
import { underLoad } from '../e2e/under-load.ts';
import { expectStanding } from '../e2e/whole.ts';

/** One for each kind of change to etcd's members and their data, in the order in which a replacement comes to them. */
const after = (activity: string): Boundary => ({ activity, when: 'after' });
const boundaries: Boundary[] = [
  'recordMembership',
  'addLearner',
  'startLearner',
  'restartMember',
  'promoteLearner',
  'removeMember',
  'stopRemovedMember',
  'trashDirectory',
  'removeFiles',
].map(after);

describe('the worker is killed right after it has changed something, before anybody knows', () => {
  beforeAll(standingCluster);

  test('new workers find what was done, and finish the replacement of a control plane', async () => {
    const { goes, stays, free } = await cast();
    await underLoad('replacement with a death after each change', async () => {
      const begun = performance.now();
      await withDeaths(boundaries, async () => {
        await replaceThroughDeaths(goes, free);
        await untilClean(goes);
        await untilConverged(400);
      });
      figure(`replacement with ${boundaries.length} deaths of the worker`, seconds(performance.now() - begun));
      expect(await reconcile()).toMatchObject({ outcome: 'converged', blockers: [] });
      expect(await memberNames()).toEqual([...stays, free].sort());
      await expectStanding();
    });
  });
});
