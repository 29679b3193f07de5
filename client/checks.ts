import { describeComplaint, type Complaint } from '../cluster/errors.ts';
import { complaintOf } from './failure.ts';
import type { Paint } from './paint.ts';

export type CheckResult =
  | { check: string; state: 'ok'; detail: string }
  | { check: string; state: 'bad'; complaint: Complaint }
  /** Not tried, because what it needs is bad. */
  | { check: string; state: 'skipped'; because: string };

/** Runs one check; whatever it throws is its result. */
export async function checked(check: string, run: () => Promise<string>): Promise<CheckResult> {
  try {
    return { check, state: 'ok', detail: await run() };
  } catch (error) {
    return { check, state: 'bad', complaint: complaintOf(error) };
  }
}

/** One line for each check, the cure below what is bad. */
export function checkLine(result: CheckResult, paint: Paint): string {
  const name = result.check.padEnd(18);
  switch (result.state) {
    case 'ok':
      return `${paint.green('ok ')}  ${name}  ${result.detail}`;
    case 'skipped':
      return `${paint.yellow('-  ')}  ${name}  not checked: ${result.because}`;
    case 'bad':
      return `${paint.red('BAD')}  ${name}  ${describeComplaint(result.complaint).replaceAll('\n', `\n${' '.repeat(5)}`)}`;
  }
  return result satisfies never;
}
