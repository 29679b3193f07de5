import Table from 'cli-table3';
import type { Outcome } from './count.ts';
import { minutesAndSeconds } from './execute.ts';

/** A part that broke as a whole: one failure, with the reason. */
export function broken(suite: string, why: string): Outcome {
  return { suite, passed: 0, failed: 1, skipped: 0, milliseconds: 0, failures: [why] };
}

/** Sums over all parts. */
export function totalsOf(outcomes: readonly Outcome[]): { passed: number; failed: number } {
  const sum = (key: 'passed' | 'failed') => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  return { passed: sum('passed'), failed: sum('failed') };
}

/** The table, what failed by name, and as the very last line `N passed, N failed`. */
export function verdictText(outcomes: readonly Outcome[]): string {
  const table = new Table({
    head: ['', 'passed', 'failed', 'skipped', 'time'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { suite, passed, failed, skipped, milliseconds } of outcomes)
    table.push([suite, passed, failed, skipped, minutesAndSeconds(milliseconds)]);
  const named = outcomes.flatMap(({ suite, failures }) => failures.map((failure) => `failed  ${suite}: ${failure}`));
  const { passed, failed } = totalsOf(outcomes);
  return `\n${[table.toString(), ...named, `${passed} passed, ${failed} failed`].join('\n')}\n`;
}
