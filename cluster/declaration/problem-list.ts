import { problemAt } from './problem.ts';
import type { PathStep, Problem } from './problem.ts';

const MOST_PROBLEMS = 100;
/** Lines are looked up for no more than these: a hostile document has tens of thousands. */
const MOST_PLACED = 1000;

/** Problems with their lines, in the order of the file. */
export function inOrder(problems: Problem[], lineOf: (steps: PathStep[]) => number | undefined): Problem[] {
  const placed = problems.slice(0, MOST_PLACED).map((problem) => {
    const line = problem.line ?? lineOf(stepsOf(problem.path));
    return line === undefined ? problem : { ...problem, line };
  });
  return [...sorted(placed), ...problems.slice(MOST_PLACED)];
}

/** Problems by their lines; those without one come first. */
export function sorted(problems: Problem[]): Problem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** At most a hundred problems; one more says how many there are beyond them. */
export function limited(problems: Problem[]): Problem[] {
  if (problems.length <= MOST_PROBLEMS) return problems;
  const rest = problems.length - MOST_PROBLEMS;
  const got = `${rest} more ${rest === 1 ? 'problem' : 'problems'}`;
  const finding = { code: 'more-problems', got, want: 'none', hint: 'correct those above first' };
  return [...problems.slice(0, MOST_PROBLEMS), problemAt([], undefined, finding)];
}

/** Without those that repeat the code of an earlier one at the same path, or that name a field as secret which is known to be one. */
export function withoutRepetition(problems: Problem[], secrets: Problem[]): Problem[] {
  const seen = new Set(secrets.map(({ path }) => `${path} secret-literal`));
  return problems.filter(({ path, code }) => {
    const key = `${path} ${code}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function stepsOf(path: string): PathStep[] {
  return path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
