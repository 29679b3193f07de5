import { beforeAll, describe, expect, test } from 'vitest';
import { dataDirectory, loseData } from '../e2e/emptied.ts';
import { standingCluster } from '../e2e/standing.ts';
import { cke, cluster, figure, memberNames, reconcile, seconds, status, until, untilConverged } from '../e2e/story.ts';
import { underLoad } from '../e2e/under-load.ts';
import { expectStanding } from '../e2e/whole.ts';

const victim = 'cp-3';

describe('the data directory of an etcd member is emptied and never put back', () => {
  beforeAll(standingCluster);

  test('it comes back as a new member once a person has said yes, while clients write', () =>
    underLoad('an emptied data directory that is given up', async (load) => {
      load.excuse(victim);
      const [members, lost] = [await memberNames(), await loseData(victim)];
      const fingerprint = await until('a question', questionOfVictim, { seconds: 120, everyMilliseconds: 1000 });
      expect(await dataDirectory(victim), 'nothing is given up before').toBe(lost);
      const begun = performance.now();
      expect(await cke('approve', fingerprint, '--cluster', cluster)).toMatchObject({ code: 0 });
      await until(
        'the members that there were, on data of its own',
        async () =>
          ((await memberNames()).join() === members.join() && (await dataDirectory(victim)) !== lost) || undefined,
        { seconds: 300, everyMilliseconds: 2000 },
      );
      figure('approved to a voter again', seconds(performance.now() - begun));
      await untilConverged(180);
      expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [], blockers: [] });
      await expectStanding();
    }));
});

async function questionOfVictim(): Promise<string | undefined> {
  const { pending = [] } = (await status()).status?.lastReport ?? {};
  return pending.find(({ risk, target }) => risk === 'data-loss' && target === victim)?.fingerprint;
}
