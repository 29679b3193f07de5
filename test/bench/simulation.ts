import { playSeeds } from '../simulation/play-seeds.ts';
import type { Figure } from './figures.ts';

const seeds = { from: 1, count: 1000, length: 120, about: 'fleet' as const };

/** Schedules of faults that one core plays in a second, as `npm run simulate` does; the first of them warm the engine up. */
export async function simulation(): Promise<Figure[]> {
  const began = process.cpuUsage();
  let violating = 0;
  for await (const { finding } of playSeeds(seeds)) if (finding) violating += 1;
  const { user, system } = process.cpuUsage(began);
  const rate = (seeds.count * 1e6) / (user + system);
  return [
    {
      what: `simulated schedules of faults per second and core, of ${seeds.count}; violating`,
      ours: `${Math.round(rate)}; ${violating}`,
      goal: '0 violating',
    },
  ];
}
