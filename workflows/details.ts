import type { Blocker, Wait } from '../cluster/plan.ts';
import type { ClusterStatus, OperationProgress } from './contracts.ts';

const listed = 12;

/** Markdown for the operation's page in the Web UI: what it is doing, what it did, what stands in its way. */
export function describeProgress(
  cluster: string,
  { round, phase, running, done, blockers, waits }: OperationProgress,
): string {
  return [
    `**${cluster}** · round ${round} · ${phase}`,
    section(
      'Now',
      running.map(({ step, done: finished, of }) => `${step} (${finished} of ${of})`),
    ),
    section('In the way', blockers.map(sayBlocker)),
    section('Waiting for', waits.map(sayWait)),
    section('Done', done.slice(-listed)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Markdown for the entity's page: the state of the cluster in a few lines. */
export function describeCluster(status: ClusterStatus): string {
  const { cluster, state, because, lastReport, lastFinishedAt, intervalSeconds } = status;
  const last = lastReport
    ? `last operation: **${lastReport.outcome}** at ${lastFinishedAt}, declaration revision ${lastReport.revision}, ${lastReport.done.length} steps`
    : 'nothing was done yet';
  return [
    `**${cluster}** · ${state === 'reconciling' ? `reconciling: ${because}` : 'at rest'}`,
    last,
    `looks by itself every ${intervalSeconds} s, and whenever a container dies or a record changes`,
    section('In the way', (lastReport?.blockers ?? []).map(sayBlocker)),
    section('Waiting for', (lastReport?.waits ?? []).map(sayWait)),
    section(
      'Failed',
      (lastReport?.failed ?? []).map(({ step, message }) => `${step}: ${message}`),
    ),
    section('Done', (lastReport?.done ?? []).slice(-listed)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const sayBlocker = ({ because, fix }: Blocker): string => (fix === undefined ? because : `${because} — ${fix}`);

const sayWait = ({ on, because }: Wait): string => `${on}: ${because}`;

function section(title: string, lines: string[]): string {
  if (lines.length === 0) return '';
  const more = lines.length > listed ? [`… and ${lines.length - listed} more`] : [];
  return [`${title}:`, '', ...[...lines.slice(0, listed), ...more].map((line) => `- ${line}`)].join('\n');
}
