import { expect, test } from 'vitest';
import { mayRunStill, type Moment } from './last-round.ts';

const at = (since: string, round: number): Moment => ({ since, round, running: [] });

test.each<[string, Moment, Moment, boolean]>([
  ['no operation ran', undefined, at('10:00', 1), false],
  ['the same round', at('10:00', 3), at('10:00', 3), true],
  ['the next round, whose look may have come before', at('10:00', 3), at('10:00', 4), true],
  ['the round after that', at('10:00', 3), at('10:00', 5), false],
  ['the operation has ended', at('10:00', 3), undefined, false],
  ['another operation', at('10:00', 3), at('10:01', 1), false],
])('may what was decided before a pause run still? %s', (_case, first, now, expected) => {
  expect(mayRunStill(first, now)).toBe(expected);
});
