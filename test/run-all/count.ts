import { z } from 'zod';

/** How one part of `npm test` ended. */
export interface Outcome {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly milliseconds: number;
  /** What failed, in words: names of tests, or why there are none. */
  readonly failures: readonly string[];
}

/** How a runner's process ended. */
export interface Ending {
  readonly kind: 'exited' | 'out of time' | 'cancelled';
  readonly code: number;
  readonly milliseconds: number;
}

/** The part of vitest's JSON report that is counted. */
const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});

type FileResult = z.infer<typeof report>['testResults'][number];

export interface CountInput {
  readonly suite: string;
  readonly ending: Ending;
  /** Text of the JSON report; undefined when the runner wrote none. */
  readonly json: string | undefined;
}

/**
 * Counts a project's tests. What hides failures counts as one: a file that could not be loaded, a hook that broke, no tests at all, and a
 * runner that ended badly without naming a failed test.
 */
export function count({ suite, ending, json }: CountInput): Outcome {
  const files = json === undefined ? [] : filesIn(json);
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const withStatus = (status: string) => tests.filter((test) => test.status === status);
  const failures = [
    ...withStatus('failed').map(({ fullName }) => fullName),
    ...files.filter(isBrokenFile).map(({ name, message }) => `${name}: ${firstLine(message)}`),
  ];
  const passed = withStatus('passed').length;
  const complaint = complaintAbout({ ending, json, tests: tests.length, failures: failures.length });
  return {
    suite,
    passed,
    failed: failures.length + (complaint === undefined ? 0 : 1),
    skipped: tests.length - passed - withStatus('failed').length,
    milliseconds: ending.milliseconds,
    failures: complaint === undefined ? failures : [...failures, complaint],
  };
}

function filesIn(json: string): FileResult[] {
  try {
    return report.parse(JSON.parse(json)).testResults;
  } catch {
    return [];
  }
}

const isBrokenFile = ({ status, assertionResults }: FileResult): boolean =>
  status === 'failed' && !assertionResults.some((test) => test.status === 'failed');

const firstLine = (text = ''): string => text.split('\n')[0] || 'it failed outside its tests';

interface Sums {
  ending: Ending;
  json: string | undefined;
  tests: number;
  failures: number;
}

function complaintAbout({ ending, json, tests, failures }: Sums): string | undefined {
  const minutes = Math.round(ending.milliseconds / 60_000);
  if (ending.kind === 'out of time') return `stopped: not done within ${minutes} min`;
  if (ending.kind === 'cancelled') return 'stopped before its end';
  if (json === undefined) return `the runner ended with exit code ${ending.code} and no report`;
  if (tests === 0 && failures === 0) return 'no tests were found';
  if (ending.code !== 0 && failures === 0) return `exit code ${ending.code}, though no test failed`;
  return undefined;
}
