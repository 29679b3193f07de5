import { expect, test } from 'vitest';
import { readStat } from './archive.ts';

const header = (stat: object) =>
  Buffer.from(JSON.stringify({ name: 'x', size: 7, linkTarget: '', ...stat })).toString('base64');

test.each([
  { what: 'a file', stat: { mode: 0o600 }, state: { state: 'file', bytes: 7, mode: 0o600 } },
  { what: 'a directory', stat: { mode: 2 ** 31 + 0o700 }, state: { state: 'directory', mode: 0o700 } },
  { what: 'a sticky directory', stat: { mode: 2 ** 31 + 2 ** 20 + 0o777 }, state: { state: 'directory', mode: 0o777 } },
  {
    what: 'a link',
    stat: { mode: 2 ** 27 + 0o777, linkTarget: '..gen-1' },
    state: { state: 'link', target: '..gen-1' },
  },
  { what: 'a socket', stat: { mode: 2 ** 24 + 0o660 }, state: { state: 'other' } },
  { what: 'a device', stat: { mode: 2 ** 26 + 2 ** 21 + 0o660 }, state: { state: 'other' } },
])('Docker’s stat of $what', ({ stat, state }) => {
  expect(readStat(header(stat))).toEqual(state);
});
