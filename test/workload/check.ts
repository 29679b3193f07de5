import type { Operation, Violation } from './history.ts';
import { checkLog } from './logs.ts';
import { checkRegister } from './registers.ts';

/**
 * What the store did that no linearizable store does: acknowledged writes that are not there, contents that nobody wrote, reads that
 * go back in time, entries that are there twice. The history has to end with a read of each object, after all that was tried.
 */
export function checkHistory(history: readonly Operation[]): Violation[] {
  const objects = [...new Set(history.map(({ object }) => object))];
  return objects.flatMap((object) => [...checkRegister(object, history), ...checkLog(object, history)]);
}

export interface Tally {
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly reads: number;
  /** The longest time without an acknowledged write, in milliseconds. */
  readonly longestGap: number;
}

/** For people: how much was done, so that a check of nothing is seen. */
export function tally(history: readonly Operation[]): Tally {
  const writes = history.filter((one) => one.kind === 'write' || one.kind === 'append');
  const count = (wanted: string) => writes.filter(({ outcome }) => outcome === wanted).length;
  const ends = writes.flatMap(({ outcome, end }) => (outcome === 'ok' ? [end] : [])).sort((a, b) => a - b);
  return {
    acknowledged: count('ok'),
    refused: count('failed'),
    unknown: count('unknown'),
    reads: history.length - writes.length,
    longestGap: ends.reduce((longest, end, index) => Math.max(longest, end - (ends[index - 1] ?? end)), 0),
  };
}
