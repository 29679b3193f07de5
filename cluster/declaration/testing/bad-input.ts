import { expect, test } from 'vitest';
import { refused } from './minimal.ts';

export interface BadInput {
  /** Its number in the list of bad inputs. */
  number: string;
  /** The operator's words. */
  words: string;
  source: string | Uint8Array;
  code: string;
  path?: string;
  /** What got, want and hint, one after the other, must say. */
  says?: RegExp;
}

export function bad(number: string, words: string, rest: Omit<BadInput, 'number' | 'words'>): BadInput {
  return { number, words, ...rest };
}

/** One test per bad input: it is refused with this code at this path, in this sense, and nothing in the answer is too long or empty. */
export function judge(cases: BadInput[]): void {
  test.each(cases)('$number: $words', ({ source, code, path, says }) => {
    const problems = refused(source);
    const found = problems.find((problem) => problem.code === code && (path === undefined || problem.path === path));
    expect(found, JSON.stringify(problems)).toBeDefined();
    expect(`${found?.got} ${found?.want} ${found?.hint}`).toMatch(says ?? /./);
    for (const { got, hint, want } of problems) {
      expect(got.length).toBeLessThanOrEqual(80);
      expect(want).not.toBe('');
      expect(hint).not.toBe('');
    }
  });
}
