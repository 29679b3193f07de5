import type { Blocker, OperationReport, Wait } from '../cluster/plan.ts';
import { pendingText } from './answers.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { count } from './output.ts';
import { plain, type Paint } from './paint.ts';

const MOST_STEPS = 20;

/** How an operation ended: what was done, what stands in the way and what helps. */
export function reportText(report: OperationReport, paint: Paint = plain): string {
  return [
    headline(report, paint),
    section('Done', limited(report.done)),
    section('Failed', report.failed.map(failedText)),
    section('In the way', report.blockers.map(blockerText)),
    section(
      'Needs a yes',
      (report.pending ?? []).map((one) => pendingText(one)),
    ),
    section('Waiting for', report.waits.map(waitText)),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** One line: the outcome in words. */
export function headline(
  { outcome, done, failed, blockers, waits, revision, pending = [], nextStep }: OperationReport,
  paint: Paint,
): string {
  const idle = outcome === 'converged' ? 'nothing had to be done' : 'no step was done';
  const steps = done.length === 0 ? idle : `${count(done.length, 'step')} done`;
  const at = `revision ${revision}`;
  switch (outcome) {
    case 'converged':
      return `${paint.green('converged')}: ${steps}; the cluster is as declared (${at})`;
    case 'waiting':
      return `${paint.yellow('waiting')}: ${steps}, ${waitedFor(waits.length, pending.length)} (${at})`;
    case 'blocked':
      return `${paint.yellow('blocked')}: ${steps}, ${count(blockers.length, 'obstacle')} in the way (${at})`;
    case 'failed':
      return `${paint.red('failed')}: ${steps}, ${count(failed.length, 'step')} failed (${at})`;
    case 'paused':
      return `${paint.yellow('paused')}: ${steps}; nothing is changed until: cke-client resume${nextStep === undefined ? '' : `; next: ${nextStep}`}`;
    case 'destroyed':
      return `${paint.red('destroyed')}: ${steps}${failed.length === 0 ? '' : `, ${count(failed.length, 'node')} not clean`} (${at})`;
    case 'cancelled':
      return `${paint.red('cancelled')}: ${steps}; it was stopped by a person in Temporal (${at})`;
  }
  return outcome satisfies never;
}

function waitedFor(waits: number, pending: number): string {
  const asked = pending === 0 ? [] : [`${count(pending, 'step')} for a person to approve`];
  return [...(waits === 0 ? [] : [`${count(waits, 'thing')} to wait for`]), ...asked].join(', ');
}

/** Numbers included, the cure on a line of its own. */
export function blockerText({ because, fix, code }: Blocker): string {
  return `${because} (${code})${fix === undefined ? '' : `\n    fix  ${fix}`}`;
}

export function failedText({ step, message, code }: OperationReport['failed'][number]): string {
  return `${step}\n    ${message} (${code})`;
}

export function waitText({ on, because }: Wait): string {
  return `${on}: ${because}`;
}

/** 0 when the cluster is as declared, else 3: somebody has to look. */
export function exitCodeOf({ outcome }: Pick<OperationReport, 'outcome'>): ExitCode {
  return outcome === 'converged' ? exitCodes.ok : exitCodes.attention;
}

export function section(title: string, lines: string[]): string {
  return lines.length === 0 ? '' : `${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function limited(lines: string[]): string[] {
  if (lines.length <= MOST_STEPS) return lines;
  return [...lines.slice(0, MOST_STEPS), `… and ${lines.length - MOST_STEPS} more (cke-client history --output json)`];
}
