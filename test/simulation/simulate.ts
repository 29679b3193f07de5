import { parseArgs } from 'node:util';
import { createMemory, type Memory } from './memory.ts';
import { runSchedule } from './run-schedule.ts';
import { scheduleOf, shrink } from './schedules.ts';

const usage = `npm run simulate -- [--schedules 2000] [--from 1] [--length 120]   plays schedules of faults by their seeds
npm run simulate -- --replay 7,2318,…                              plays one, and tells what happens`;

/** After so many violating schedules it is clear that something is wrong. */
const enough = 5;

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    length: { type: 'string', default: '120' },
    replay: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(usage);
else if (values.replay !== undefined) await replay(values.replay.split(',').map(Number));
else await simulate({ count: Number(values.schedules), from: Number(values.from), length: Number(values.length) });

async function replay(schedule: number[]): Promise<void> {
  const { trace, violations } = await runSchedule({ schedule, memory: createMemory() });
  console.log(trace.join('\n'));
  if (violations.length > 0) process.exitCode = 1;
}

async function simulate({ count, from, length }: { count: number; from: number; length: number }): Promise<void> {
  const memory = createMemory();
  const began = process.cpuUsage();
  let violating = 0;
  let seconds = 0;
  let played = 0;
  for (let seed = from; seed < from + count && violating < enough; seed += 1) {
    const schedule = scheduleOf(seed, length);
    const result = await runSchedule({ schedule, memory });
    played += 1;
    seconds += result.seconds;
    const [violation] = result.violations;
    if (violation === undefined) continue;
    violating += 1;
    console.log(`seed ${seed} breaks ${violation.property}: ${violation.because}`);
    console.log(`  ${await shortest(memory, schedule, violation.property)}`);
  }
  const { user, system } = process.cpuUsage(began);
  const taken = (user + system) / 1e6;
  console.log(
    `${played} schedules (${(seconds / 86_400).toFixed(1)} days of the fleet) in ${taken.toFixed(1)} s of CPU, ${(played / taken).toFixed(0)} a second: ${violating} violating`,
  );
  if (violating > 0) process.exitCode = 1;
}

/** The command that plays the shortest part of a schedule that breaks the same property. */
async function shortest(memory: Memory, schedule: number[], property: string): Promise<string> {
  const shorter = await shrink(schedule, async (part) => {
    const { violations } = await runSchedule({ schedule: part, memory });
    return violations[0]?.property === property;
  });
  return `npm run simulate -- --replay ${shorter.join(',')}`;
}
