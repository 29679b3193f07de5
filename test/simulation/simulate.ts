import { createMemory } from './memory.ts';
import { runSchedule } from './run-schedule.ts';
import { seeded } from './model/world.ts';

const count = Number(process.argv[2] ?? 1000);
const from = Number(process.argv[3] ?? 1);
const length = 120;
const memory = createMemory();
const began = performance.now();
let violating = 0;
for (let seed = from; seed < from + count; seed += 1) {
  const random = seeded(seed);
  const schedule = [seed, ...Array.from({ length }, () => Math.floor(random() * 24 * 4096))];
  const { violations, trace } = await runSchedule({ schedule, memory });
  if (violations.length === 0) continue;
  violating += 1;
  console.log(`seed ${seed}: ${violations.map(({ property, because }) => `${property}: ${because}`).join('; ')}`);
  if (violating === 1) console.log(trace.slice(-60).join('\n'));
  if (violating >= 5) break;
}
const seconds = (performance.now() - began) / 1000;
console.log(
  `${count} schedules in ${seconds.toFixed(1)} s: ${(count / seconds).toFixed(0)} a second, ${violating} violating`,
);
