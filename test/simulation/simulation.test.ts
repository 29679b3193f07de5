import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemory } from './memory.ts';
import { runSchedule } from './run-schedule.ts';
import { entries, scheduleOf } from './schedules.ts';

/** Schedules of bugs that were found and mended: they are played first, for ever. */
const remembered: [words: string, seed: number][] = [
  ['a bad flag after the failing node went out of sight', 196],
  ['the manager dies while the canary is being replaced', 71],
  ['a stopped member with another spec and an emptied directory', 16],
];

test.each(remembered)('%s', async (_words, seed) => {
  const { violations, trace } = await runSchedule({ schedule: scheduleOf(seed, 120), memory: createMemory() });
  expect(violations, trace.join('\n')).toEqual([]);
});

test('whatever fails, in whatever order: no rule is broken, and everything converges when the faults end', async () => {
  const memory = createMemory();
  const schedules = fc.array(fc.nat({ max: entries - 1 }), { minLength: 1, maxLength: 140, size: 'max' });
  const property = fc.asyncProperty(schedules, async (schedule) => {
    const { violations, trace } = await runSchedule({ schedule, memory });
    const [violation] = violations;
    if (violation === undefined) return;
    const replay = `npm run simulate -- --replay ${schedule.join(',')}`;
    throw new Error(`${violation.property}: ${violation.because}\n${replay}\n${trace.slice(-60).join('\n')}`);
  });
  await fc.assert(property, {
    numRuns: Number(process.env['SIMULATED_SCHEDULES'] ?? 2000),
    interruptAfterTimeLimit: 50_000,
    ...(process.env['SIMULATION_SEED'] !== undefined && { seed: Number(process.env['SIMULATION_SEED']) }),
  });
});
