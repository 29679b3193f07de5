import { expect, test } from 'vitest';
import { firstUpkeepSeed } from './fleets.ts';
import { createMemory } from './memory.ts';
import { regressions } from './regressions.ts';
import { runSchedule } from './run-schedule.ts';
import { scheduleOf } from './schedules.ts';

/** Always the same schedules here: a failure is a change of the code. New ones are hunted by `npm run simulate`. */
const schedules = Number(process.env['SIMULATED_SCHEDULES'] ?? 2000);
const chosen = process.env['SIMULATION_SEED'];
const ranges: [what: string, firstSeed: number][] =
  chosen === undefined
    ? [
        ['machines and managers fail', 910_000],
        ['versions and roles change, and people answer', firstUpkeepSeed + 910_000],
      ]
    : [['from the chosen seed on', Number(chosen)]];

const limitMilliseconds = 30_000;
const length = 120;

test.each(regressions)('seed %i, by which %s', async (seed) => {
  const { violations } = await runSchedule({ schedule: scheduleOf(seed, length), memory: createMemory() });
  expect(violations).toEqual([]);
});

test.each(ranges)(
  '%s: no rule is broken in whatever order, and everything converges in the end',
  async (_, firstSeed) => {
    const memory = createMemory();
    const end = performance.now() + limitMilliseconds;
    let played = 0;
    for (let seed = firstSeed; seed < firstSeed + schedules && performance.now() < end; seed += 1) {
      const schedule = scheduleOf(seed, length);
      const { violations, trace } = await runSchedule({ schedule, memory });
      const [violation] = violations;
      const replay = `npm run simulate -- --replay ${schedule.join(',')}`;
      expect(violation, `seed ${seed}\n${replay}\n${trace.slice(-60).join('\n')}`).toBeUndefined();
      played += 1;
    }
    expect(played).toBeGreaterThan(0);
  },
);
