import { expect, test } from 'vitest';
import { endedSeconds, exitCodeOf, upSeconds } from './container-status.ts';

test.each([
  ['Up Less than a second', 0, undefined],
  ['Up 1 second', 1, undefined],
  ['Up 59 seconds', 59, undefined],
  ['Up About a minute', 60, undefined],
  ['Up 3 minutes (healthy)', 180, undefined],
  ['Up 17 minutes (Paused)', 1020, undefined],
  ['Up About an hour', 3600, undefined],
  ['Up 47 hours (health: starting)', 169_200, undefined],
  ['Up 13 days', 1_123_200, undefined],
  ['Up 3 weeks', 1_814_400, undefined],
  ['Up 5 months', 12_960_000, undefined],
  ['Up 2 years', 63_072_000, undefined],
  ['Exited (137) 2 minutes ago', 0, 137],
  ['Exited (0) Less than a second ago', 0, 0],
  ['Restarting (1) 3 seconds ago', 0, 1],
  ['Created', 0, undefined],
  ['Removal In Progress', 0, undefined],
  ['Dead', 0, undefined],
])('"%s" is %i seconds up, exit code %s', (status, seconds, exitCode) => {
  expect(upSeconds(status)).toBe(seconds);
  expect(exitCodeOf(status)).toBe(exitCode);
});

test.each([
  ['Exited (0) Less than a second ago', 0],
  ['Exited (3) About a minute ago', 60],
  ['Exited (137) 2 weeks ago', 1_209_600],
  ['Up 3 minutes', undefined],
  ['Created', undefined],
])('"%s" ended %s seconds ago', (status, seconds) => {
  expect(endedSeconds(status)).toBe(seconds);
});
