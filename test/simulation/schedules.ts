import { seeded } from './model/world.ts';

/** How many different entries there are: a kind of event, and a choice for it. */
export const entries = 24 * 4096;

/** One of several, by a number of a schedule. */
export const pick = <T>(items: readonly T[], choice: number): T => items[choice % items.length] as T;

/** The schedule of a seed: the same one everywhere. */
export function scheduleOf(seed: number, length: number): number[] {
  const random = seeded(seed);
  return [seed, ...Array.from({ length }, () => Math.floor(random() * entries))];
}

/** Deletes entries as long as what is left fails in the same way: first large parts, then single ones. */
export async function shrink(schedule: number[], fails: (shorter: number[]) => Promise<boolean>): Promise<number[]> {
  let [first = 0, ...rest] = schedule;
  for (let size = Math.ceil(rest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < rest.length;) {
      const shorter = [...rest.slice(0, at), ...rest.slice(at + size)];
      if (await fails([first, ...shorter])) rest = shorter;
      else at += size;
    }
  }
  return [first, ...rest];
}
