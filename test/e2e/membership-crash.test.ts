import { beforeAll, describe, expect, test } from 'vitest';
import { spare } from './declaration.ts';
import { withDeaths, type Boundary } from './deaths.ts';
import { standingCluster } from './standing.ts';
import { figure, memberNames, reconcile, replaceNode, seconds, untilConverged } from './story.ts';
import { underLoad } from './under-load.ts';
import { expectStanding } from './whole.ts';

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

  test('new workers find what was done, and finish the replacement of a control plane', () =>
    underLoad('replacement with a death after each change', async () => {
      const begun = performance.now();
      await withDeaths(boundaries, async () => {
        const report = await replaceNode('cp-3', spare);
        if (report.outcome !== 'converged') await untilConverged(300);
      });
      figure(`replacement with ${boundaries.length} deaths of the worker`, seconds(performance.now() - begun));
      expect(await reconcile()).toMatchObject({ outcome: 'converged', blockers: [] });
      expect(await memberNames()).toEqual(['cp-1', 'cp-2', spare]);
      await expectStanding();
    }));
});
