import { expect, test } from 'vitest';
import { openRotations } from '../../../cluster/certificates/trust.ts';
import { createMemory } from '../memory.ts';
import { latest } from '../model/world.ts';
import { whyOldIssuersRemain } from './trust.ts';
import { playTurnedAround, turnedAround } from './turned-around.ts';

test.each(turnedAround)('$of is turned around while $while: all is believed at every moment', async (story) => {
  const { simulation } = await playTurnedAround(story, createMemory());
  const { world } = simulation;
  expect(world.violations, world.trace.join('\n')).toEqual([]);
  expect(world.trace.join('\n')).toContain(`delete to-2 of ${story.of}`);
  expect(openRotations(latest(world).trust)).toEqual([]);
  expect(whyOldIssuersRemain(world)).toBeUndefined();
});
