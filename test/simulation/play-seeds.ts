import { createMemory, type Memory } from './memory.ts';
import { shrink } from './schedules.ts';
import { subjects, type Subject } from './subjects.ts';

/** Seeds of schedules, from the first one on. */
export interface Seeds {
  from: number;
  count: number;
  /** Entries of each schedule. */
  length: number;
  about: Subject;
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
export async function* playSeeds({ from, count, length, about }: Seeds): AsyncGenerator<PlayedSeed> {
  const memory = createMemory();
  const { scheduleOf, run } = subjects[about];
  for (let seed = from; seed < from + count; seed += 1) {
    const schedule = scheduleOf(seed, length);
    const { seconds, violations } = await run({ schedule, memory });
    const [violation] = violations;
    if (violation === undefined) yield { seconds };
    else
      yield {
        seconds,
        finding: {
          seed,
          ...violation,
          replay: await shortest({ memory, schedule, property: violation.property, about }),
        },
      };
  }
}

interface Failing {
  memory: Memory;
  schedule: number[];
  property: string;
  about: Subject;
}

async function shortest({ memory, schedule, property, about }: Failing): Promise<string> {
  const shorter = await shrink(schedule, async (part) => {
    const { violations } = await subjects[about].run({ schedule: part, memory });
    return violations[0]?.property === property;
  });
  return replayCommand(shorter, about);
}

export const replayCommand = (schedule: readonly number[], about: Subject): string =>
  `npm run simulate -- ${subjects[about].option}--replay ${schedule.join(',')}`;
