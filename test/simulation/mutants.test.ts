import { expect, test } from 'vitest';
import { createMemory } from './memory.ts';
import { mutantDecider } from './mutants.ts';
import { runSchedule } from './run-schedule.ts';
import { scheduleOf } from './schedules.ts';
import type { Mutant } from './simulation.ts';

/** How many schedules a mutant may survive: several times what each was seen to. */
const most = 800;

/** The check of the check: with one guard taken away the simulation must find a broken rule. */
test.each<[Mutant, string[]]>([
  ['no fence', ['P5', 'P6']],
  ['no W-05', ['W-05']],
  ['all API servers at once', ['P6']],
  ['no canary', ['canary', 'P10']],
  ['unknown is healthy', ['P10', 'canary']],
  ['no quorum check', ['P2']],
])('a manager with %s is caught', async (mutant, properties) => {
  const memory = createMemory();
  const decider = mutantDecider(mutant);
  const play = async (seed: number) => {
    const { violations } = await runSchedule({
      schedule: scheduleOf(seed, 120),
      memory,
      mutant,
      ...(decider && { decider }),
    });
    return violations.find(({ property }) => properties.includes(property));
  };
  let caught: number | undefined;
  for (let seed = 1; seed <= most && caught === undefined; seed += 1) if (await play(seed)) caught = seed;
  expect(caught, `${mutant} survived ${most} schedules`).toBeDefined();
});
