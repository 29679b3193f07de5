import { createMemory, type Memory } from './memory.ts';
import { runSchedule } from './run-schedule.ts';
import { scheduleOf, shrink } from './schedules.ts';

/** Seeds of schedules, from the first one on. */
export interface Seeds {
  from: number;
  count: number;
  /** Entries of each schedule. */
  length: number;
}

/** A schedule that breaks a property, and the command that plays its shortest part that still does. */
export interface Finding {
  seed: number;
  property: string;
  because: string;
  replay: string;
}

/** What became of one schedule; `seconds` are the model's. */
export interface PlayedSeed {
  seconds: number;
  finding?: Finding;
}

/** Plays the schedules one after the other. */
export async function* playSeeds({ from, count, length }: Seeds): AsyncGenerator<PlayedSeed> {
  const memory = createMemory();
  for (let seed = from; seed < from + count; seed += 1) {
    const schedule = scheduleOf(seed, length);
    const { seconds, violations } = await runSchedule({ schedule, memory });
    const [violation] = violations;
    if (violation === undefined) yield { seconds };
    else
      yield { seconds, finding: { seed, ...violation, replay: await shortest(memory, schedule, violation.property) } };
  }
}

async function shortest(memory: Memory, schedule: number[], property: string): Promise<string> {
  const shorter = await shrink(schedule, async (part) => {
    const { violations } = await runSchedule({ schedule: part, memory });
    return violations[0]?.property === property;
  });
  return replayCommand(shorter);
}

export const replayCommand = (schedule: readonly number[]): string =>
  `npm run simulate -- --replay ${schedule.join(',')}`;
