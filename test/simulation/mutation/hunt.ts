import { isUpkept } from '../fleets.ts';
import { createMemory } from '../memory.ts';
import { rotationScheduleOf, runRotationSchedule } from '../rotations/run-rotation-schedule.ts';
import { playTurnedAround, turnedAround } from '../rotations/turned-around.ts';
import { regressions } from '../regressions.ts';
import { runSchedule } from '../run-schedule.ts';
import { scheduleOf } from '../schedules.ts';
import { brokenDirectoryRules } from '../small-states/directories.ts';
import { unsafeMembershipCalls } from '../small-states/membership.ts';

/** Where a mutant is looked for in the simulation: in all small states, or in so many schedules. */
export type Hunt =
  { in: 'small states' } | { in: 'schedules'; most: number; from: number } | { in: 'rotations'; most: number };

export interface Catch {
  /** Id of the rule or property that is broken. */
  property: string;
  /** After how much, e.g. `7 schedules`. */
  after: string;
}

/** The first sign of a missing guard; undefined when nothing is noticed. */
export async function firstCatch(hunt: Hunt): Promise<Catch | undefined> {
  switch (hunt.in) {
    case 'schedules':
      return inSchedules(hunt);
    case 'rotations':
      return (await inStories()) ?? inRotations(hunt.most);
    case 'small states':
      return (await inStates()) ?? inDirectories();
  }
}

async function inStates(): Promise<Catch | undefined> {
  const { states, unsafe } = await unsafeMembershipCalls({ enough: 1 });
  const [found] = unsafe;
  return found && { property: found.rule, after: `${states} states` };
}

function inDirectories(): Catch | undefined {
  const { states, broken } = brokenDirectoryRules();
  const [rule] = broken;
  return rule === undefined ? undefined : { property: rule, after: `${states} states of directories` };
}

/** What schedules have found before is looked for first: some of it is rare. */
async function inSchedules({ most, from }: Extract<Hunt, { in: 'schedules' }>): Promise<Catch | undefined> {
  const memory = createMemory();
  const known = regressions.map(([seed]) => seed).filter((seed) => isUpkept(seed) === isUpkept(from));
  const seeds = [...known, ...Array.from({ length: most }, (_, index) => from + index)];
  for (const [played, seed] of seeds.entries()) {
    const { violations } = await runSchedule({ schedule: scheduleOf(seed, 120), memory });
    const [found] = violations;
    if (found) return { property: found.property, after: `${played + 1} schedules` };
  }
  return undefined;
}

/** A rotation that is turned around at the worst moment: chance comes upon it too seldom. */
async function inStories(): Promise<Catch | undefined> {
  const memory = createMemory();
  for (const [played, story] of turnedAround.entries()) {
    const { violations } = (await playTurnedAround(story, memory)).simulation.world;
    const [found] = violations;
    if (found) return { property: found.property, after: `${played + 1} stories` };
  }
  return undefined;
}

async function inRotations(most: number): Promise<Catch | undefined> {
  const memory = createMemory();
  for (let seed = 1; seed <= most; seed += 1) {
    const { violations } = await runRotationSchedule({ schedule: rotationScheduleOf(seed, 240), memory });
    const [found] = violations;
    if (found) return { property: found.property, after: `${seed} schedules of rotations` };
  }
  return undefined;
}
