import { describe, expect, test } from 'vitest';
import { checkHistory, tally } from './check.ts';
import type { Operation, Outcome, Violation } from './history.ts';

const write = (from: string, to: string, at: [number, number], outcome: Outcome = 'ok'): Operation => ({
  kind: 'write',
  object: 'r',
  from,
  to,
  begin: at[0],
  end: at[1],
  outcome,
});
const read = (value: string, at: [number, number]): Operation => ({
  kind: 'read',
  object: 'r',
  value,
  begin: at[0],
  end: at[1],
});
const append = (entry: string, at: [number, number], outcome: Outcome = 'ok'): Operation => ({
  kind: 'append',
  object: 'l',
  entry,
  begin: at[0],
  end: at[1],
  outcome,
});
const readLog = (entries: string, at: [number, number]): Operation => ({
  kind: 'log-read',
  object: 'l',
  entries: entries.split(''),
  begin: at[0],
  end: at[1],
});

const end: [number, number] = [1000, 1001];

describe('a register that only changes from the value that was read', () => {
  test.each<[string, Operation[]]>([
    ['nothing but reads', [read('first', [0, 1]), read('first', end)]],
    ['one write after the other', [write('first', 'a', [0, 1]), write('a', 'b', [2, 3]), read('b', end)]],
    [
      'two at the same time, one is refused',
      [write('first', 'a', [0, 5]), write('first', 'b', [1, 4], 'failed'), read('a', end)],
    ],
    ['no answer, and it was done', [write('first', 'a', [0, 1], 'unknown'), write('a', 'b', [2, 3]), read('b', end)]],
    [
      'no answer, and it was done much later',
      [write('first', 'a', [0, 1], 'unknown'), read('first', [5, 6]), read('a', end)],
    ],
    [
      'no answer, and it was not done',
      [write('first', 'a', [0, 1], 'unknown'), write('first', 'b', [2, 3]), read('b', end)],
    ],
    [
      'a read beside a write sees either',
      [write('first', 'a', [0, 5]), read('a', [1, 2]), read('first', [0, 1]), read('a', end)],
    ],
  ])('%s: nothing is wrong', (_, history) => {
    expect(checkHistory(history)).toEqual([]);
  });

  test.each<[string, Violation['kind'], Operation[]]>([
    ['an acknowledged write is gone', 'lost', [write('first', 'a', [0, 1]), read('first', end)]],
    [
      'an acknowledged write was overwritten by one that had not seen it',
      'lost',
      [write('first', 'a', [0, 1]), write('first', 'b', [2, 3]), read('b', end)],
    ],
    ['what was read is gone', 'lost', [write('first', 'a', [0, 1], 'unknown'), read('a', [2, 3]), read('first', end)]],
    ['a refused write is there', 'thin-air', [write('first', 'a', [0, 1], 'failed'), read('a', end)]],
    ['it holds what nobody wrote', 'thin-air', [write('first', 'a', [0, 1]), read('z', end)]],
    ['a read saw what nobody wrote', 'thin-air', [write('first', 'a', [0, 1]), read('z', [2, 3]), read('a', end)]],
    [
      'a read misses an acknowledged write',
      'stale',
      [write('first', 'a', [0, 1]), read('first', [2, 3]), read('a', end)],
    ],
    [
      'a read goes back behind another',
      'stale',
      [write('first', 'a', [0, 9]), read('a', [1, 2]), read('first', [3, 4]), read('a', end)],
    ],
    [
      'a write takes effect before it was asked for',
      'stale',
      [write('first', 'a', [5, 6]), write('a', 'b', [0, 1]), read('b', end)],
    ],
  ])('%s: found as %s', (_, kind, history) => {
    expect(checkHistory(history).map((found) => found.kind)).toContain(kind);
  });
});

describe('a log to whose end things are added', () => {
  test.each<[string, Operation[]]>([
    ['one after the other', [append('a', [0, 1]), append('b', [2, 3]), readLog('a', [2, 3]), readLog('ab', end)]],
    ['no answer, and it is there', [append('a', [0, 1], 'unknown'), readLog('a', end)]],
    ['no answer, and it is not there', [append('a', [0, 1], 'unknown'), readLog('', end)]],
    ['two at once stand in any order', [append('a', [0, 5]), append('b', [1, 4]), readLog('ba', end)]],
  ])('%s: nothing is wrong', (_, history) => {
    expect(checkHistory(history)).toEqual([]);
  });

  test.each<[string, Violation['kind'], Operation[]]>([
    ['an acknowledged entry is gone', 'lost', [append('a', [0, 1]), append('b', [2, 3]), readLog('b', end)]],
    [
      'an entry that was read is gone',
      'lost',
      [append('a', [0, 1], 'unknown'), readLog('a', [2, 3]), readLog('', end)],
    ],
    ['an entry is there twice', 'duplicate', [append('a', [0, 1]), readLog('aa', end)]],
    ['nobody wrote an entry', 'thin-air', [append('a', [0, 1]), readLog('az', end)]],
    ['a refused entry is there', 'thin-air', [append('a', [0, 1], 'failed'), readLog('a', end)]],
    ['a read misses an acknowledged entry', 'stale', [append('a', [0, 1]), readLog('', [2, 3]), readLog('a', end)]],
    [
      'a read goes back behind another',
      'stale',
      [append('a', [0, 9]), readLog('a', [1, 2]), readLog('', [3, 4]), readLog('a', end)],
    ],
    ['the order is not that of time', 'stale', [append('a', [0, 1]), append('b', [2, 3]), readLog('ba', end)]],
  ])('%s: found as %s', (_, kind, history) => {
    expect(checkHistory(history).map((found) => found.kind)).toContain(kind);
  });
});

test('how much was done, and the longest time without an acknowledged write', () => {
  const history = [
    write('first', 'a', [0, 10]),
    write('a', 'b', [0, 20], 'failed'),
    write('a', 'b', [20, 35]),
    read('b', end),
  ];
  expect(tally(history)).toEqual({ acknowledged: 2, refused: 1, unknown: 0, reads: 1, longestGap: 25 });
});
