import { beforeAll, describe, expect, test } from 'vitest';
import { writeDeclaration } from '../e2e/declaration.ts';
import { dataDirectory, loseData } from '../e2e/emptied.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, until } from '../e2e/story.ts';
import { boundariesOf } from './boundaries.ts';
import { patienceSeconds, survivesEach, untilSettled } from './surviving.ts';

const victim = 'cp-3';
const members = ['cp-1', 'cp-2', victim];

describe('a member that lost its data is made anew where nobody has to say yes', () => {
  beforeAll(async () => {
    await standingCluster();
    await apply(writeDeclaration((document) => document.setIn(['approvals', 'required_for'], [])));
  });

  test('and the worker dies at every boundary', () =>
    survivesEach('an emptied directory', boundariesOf.remade, async (load) => {
      load.excuse(victim);
      const lost = await loseData(victim);
      await until('a directory of a new member', async () => (await dataDirectory(victim)) !== lost || undefined, {
        seconds: patienceSeconds,
        everyMilliseconds: 2000,
      });
      await untilSettled(members, []);
      expect(await dataDirectory(victim)).not.toBe(lost);
    }));
});
