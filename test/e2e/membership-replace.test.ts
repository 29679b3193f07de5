import { beforeAll, describe, expect, test } from 'vitest';
import { allContainers } from './containers.ts';
import { cast } from './cast.ts';
import { kubernetesNodes, standingCluster, untilClean } from './standing.ts';
import { figure, lab, memberNames, replaceNode, seconds, untilConverged } from './story.ts';
import { underLoad } from './under-load.ts';
import { expectStanding } from './whole.ts';

describe('another machine takes the place of a control plane, while clients write', () => {
  beforeAll(standingCluster);

  test('a healthy one: the new member comes before the old one goes, and the old machine is left clean', async () => {
    const { goes, stays, free } = await cast();
    await underLoad('replacement of a healthy control plane', async () => {
      await replace(goes, free);
      expect(await memberNames()).toEqual([...stays, free].sort());
      await expectStanding();
      expect((await kubernetesNodes()).map(({ metadata }) => metadata.name)).not.toContain(goes);
    });
  });

  test('a dead one: its member goes first, and its machine is cleaned when it comes back', async () => {
    const { goes, stays, free } = await cast();
    await underLoad('replacement of a dead control plane', async (load) => {
      load.excuse(goes);
      await lab.node(goes).powerOff();
      await replace(goes, free);
      expect(await memberNames()).toEqual([...stays, free].sort());
      await lab.node(goes).powerOn();
      expect((await allContainers([lab.node(goes)])).length, 'it comes back with what it had').toBeGreaterThan(0);
      const begun = performance.now();
      await untilClean(goes);
      figure('power on to a clean machine, without a hand', seconds(performance.now() - begun));
      await untilConverged(300);
      await expectStanding();
    });
  });
});

/** Replaces, and prints how long it took until all was as declared. */
async function replace(old: string, replacement: string): Promise<void> {
  const begun = performance.now();
  const report = await replaceNode(old, replacement);
  // On a busy machine the first operation may have given something up: what it was is made up for without a hand.
  if (report.outcome !== 'converged') await untilConverged(400);
  figure(`${old} → ${replacement}: ${report.outcome}`, seconds(performance.now() - begun));
}
