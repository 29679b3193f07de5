import { expect, test } from 'vitest';
import { createMemory } from '../memory.ts';
import { rotationScheduleOf, runRotationSchedule } from './run-rotation-schedule.ts';

/** Always the same schedules here: `npm run simulate -- --about rotations` hunts new ones. */
const firstSeed = Number(process.env['SIMULATION_SEED'] ?? 910_000);
const schedules = Number(process.env['SIMULATED_SCHEDULES'] ?? 60);

const limitMilliseconds = 40_000;
const length = 240;

test('whatever fails while CAs and keys are rotated: all is believed and read at every moment, and every rotation ends', async () => {
  const memory = createMemory();
  const end = performance.now() + limitMilliseconds;
  let played = 0;
  for (let seed = firstSeed; seed < firstSeed + schedules && performance.now() < end; seed += 1) {
    const schedule = rotationScheduleOf(seed, length);
    const { violations, trace } = await runRotationSchedule({ schedule, memory });
    const replay = `npm run simulate -- --about rotations --replay ${schedule.join(',')}`;
    expect(violations[0], `seed ${seed}\n${replay}\n${trace.slice(-60).join('\n')}`).toBeUndefined();
    played += 1;
  }
  expect(played).toBeGreaterThan(0);
});
