import fc from 'fast-check';
import { test } from 'vitest';
import { createMemory } from './memory.ts';
import { runSchedule } from './run-schedule.ts';
import { entries } from './schedules.ts';

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
    interruptAfterTimeLimit: 40_000,
    ...(process.env['SIMULATION_SEED'] !== undefined && { seed: Number(process.env['SIMULATION_SEED']) }),
  });
});
