import { beforeAll, describe, expect, test } from 'vitest';
import { cast } from '../e2e/cast.ts';
import { replaceThroughDeaths } from '../e2e/deaths.ts';
import { saysMissing } from '../e2e/power-loss.ts';
import { standingCluster } from '../e2e/standing.ts';
import { lab, memberNames, until } from '../e2e/story.ts';
import type { Load } from '../e2e/under-load.ts';
import { boundariesOf } from './boundaries.ts';
import { patienceSeconds, survivesEach, untilSettled } from './surviving.ts';

const patience = { seconds: patienceSeconds, everyMilliseconds: 500 };

describe('a control plane loses its power while another is replaced, and the worker dies', () => {
  beforeAll(standingCluster);

  test('at every boundary: nobody is taken out while one is missing, and all ends well when it is back', async () =>
    survivesEach('power lost', [...boundariesOf.additions, ...boundariesOf.removals], await powerLost()));
});

async function powerLost() {
  const { goes, stays, free } = await cast();
  const [off = ''] = stays;
  return async (load: Load) => {
    const replacing = replaceThroughDeaths(goes, free);
    replacing.catch(() => undefined);
    await until('the new member', async () => (await memberNames()).find((name) => name.startsWith(free)), patience);
    load.excuse(off);
    await lab.node(off).powerOff();
    await until('a status that names it', () => saysMissing(off), patience);
    const nodes = (await memberNames()).map((name) => name.split(' ')[0]);
    expect(nodes, 'nobody is taken out meanwhile').toEqual([goes, ...stays, free].sort());
    await lab.node(off).powerOn();
    await replacing;
    await untilSettled([...stays, free], [goes]);
    load.readmit(off);
  };
}
