import { decide } from '../decide.ts';
import type { Facts } from '../facts.ts';
import { brief } from './situations.ts';

/** What is to be done now, a line for each step. */
export const steps = (facts: Facts): string[] => brief(decide(facts), facts);

/** What is in the way and what is waited for, in words. */
export function says(facts: Facts): string {
  const { blockers, waits } = decide(facts);
  return [...blockers, ...waits].map(({ because }) => because).join('\n');
}
