import { expect, test } from 'vitest';
import { logLevel } from './log-level.ts';

test.each([
  ['debug', 'DEBUG'],
  ['WARN', 'WARN'],
  [undefined, 'WARN'],
])('how much does a worker with CKE_LOG_LEVEL=%s say?', (text, level) => {
  expect(logLevel(text)).toBe(level);
});

test.each(['', 'loud'])('a level %j that does not exist: does it say which do?', (text) => {
  expect(() => logLevel(text)).toThrow(
    expect.objectContaining({ complaint: expect.objectContaining({ want: 'error, warn, info, debug, trace' }) }),
  );
});
