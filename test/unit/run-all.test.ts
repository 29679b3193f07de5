import { describe, expect, test } from 'vitest';
import { count } from '../run-all/count.ts';
import type { Ending } from '../run-all/count.ts';
import { totalsOf, verdictText } from '../run-all/verdict.ts';

const ended = (code: number): Ending => ({ kind: 'exited', code, milliseconds: 1000 });

const file = (status: string, tests: readonly string[], message = '') => ({
  name: 'a.test.ts',
  status,
  message,
  assertionResults: tests.map((state, index) => ({ status: state, fullName: `test ${index}` })),
});

const json = (...testResults: object[]): string => JSON.stringify({ testResults });

describe('what counts as passed, and what as failed?', () => {
  test.each([
    ['all pass', ended(0), json(file('passed', ['passed', 'passed'])), 2, 0],
    ['one fails', ended(1), json(file('failed', ['passed', 'failed'])), 1, 1],
    ['a file cannot be loaded', ended(1), json(file('failed', []), file('passed', ['passed'])), 1, 1],
    ['a hook breaks and its tests are skipped', ended(1), json(file('failed', ['skipped', 'skipped'])), 0, 1],
    ['skipped tests are neither', ended(0), json(file('passed', ['passed', 'pending'])), 1, 0],
    ['there are no tests', ended(0), json(), 0, 1],
    ['the runner crashes before its report', ended(134), undefined, 0, 1],
    ['the report is cut off', ended(1), '{"testResults": [', 0, 1],
    ['the runner ends badly after its tests', ended(1), json(file('passed', ['passed'])), 1, 1],
    ['it hangs', { kind: 'out of time', code: 128, milliseconds: 180_000 } as const, undefined, 0, 1],
    ['a person ends it', { kind: 'cancelled', code: 128, milliseconds: 1000 } as const, undefined, 0, 1],
  ])('%s', (_case, ending, report, passed, failed) => {
    expect(count({ suite: 'unit', ending, json: report })).toMatchObject({ passed, failed });
  });

  test('what failed is named', () => {
    const report = json(file('failed', ['failed']), file('failed', [], 'SyntaxError: no\n  at x'));
    expect(count({ suite: 'unit', ending: ended(1), json: report }).failures).toEqual([
      'test 0',
      'a.test.ts: SyntaxError: no',
    ]);
  });
});

test('is the last line the sum over all parts?', () => {
  const parts = [
    count({ suite: 'unit', ending: ended(0), json: json(file('passed', ['passed', 'passed'])) }),
    count({ suite: 'e2e', ending: ended(1), json: json(file('failed', ['passed', 'failed'])) }),
  ];
  expect(totalsOf(parts)).toEqual({ passed: 3, failed: 1 });
  expect(verdictText(parts).split('\n').at(-2)).toBe('3 passed, 1 failed');
  expect(verdictText(parts)).toContain('failed  e2e: test 1');
});
