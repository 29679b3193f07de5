import { describeSubject, type PendingApproval } from '../cluster/approval.ts';
import type { Blocker, OperationReport, Wait } from '../cluster/plan.ts';
import type { ClusterStatus, OperationProgress, RotationProgress } from './contracts.ts';

const listed = 12;

/** Markdown for the operation's page in the Web UI: what it is doing, what it did, what stands in its way. */
export function describeProgress(
  cluster: string,
  { round, phase, running, done, blockers, waits, pending = [] }: OperationProgress,
): string {
  return [
    `**${cluster}** · round ${round} · ${phase}`,
    section(
      'Now',
      running.map(({ step, done: finished, of }) => `${step} (${finished} of ${of})`),
    ),
    section('In the way', blockers.map(sayBlocker)),
    section('Needs a yes', pending.map(sayPending)),
    section('Waiting for', waits.map(sayWait)),
    section('Done', done.slice(-listed)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Markdown for the entity's page: the state of the cluster in a few lines. */
export function describeCluster(status: ClusterStatus): string {
  const { cluster, state, because, lastReport, lastFinishedAt, intervalSeconds } = status;
  const now = state === 'reconciling' ? `is being reconciled: ${because}.` : 'is at rest.';
  const next = `It looks again every ${intervalSeconds} s, and at once when a container dies or a record changes.`;
  return [
    `**${cluster}** ${now} ${lastReport ? sayLast(lastReport, lastFinishedAt) : 'Nothing was done yet.'} ${next}`,
    section('In the way', (lastReport?.blockers ?? []).map(sayBlocker)),
    section('Needs a yes', (lastReport?.pending ?? []).map(sayPending)),
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

/** Markdown for the page of a rotation: how far it is, and what it waits for. */
export function describeRotation(
  { cluster, of }: { cluster: string; of: string },
  { stage, from, to, direction, missing, more }: RotationProgress,
): string {
  const way = from === undefined ? '' : ` · from ${from} to ${to}${direction === 'back' ? ' (rolled back)' : ''}`;
  const rest = more > 0 ? [`… and ${more} more`] : [];
  return [`**${cluster}** · ${of} · **${stage}**${way}`, section('Waiting for', [...missing, ...rest])]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The Web UI shows about three lines before a person has to scroll: the outcome comes first. */
function sayLast({ outcome, done, revision }: OperationReport, finishedAt = ''): string {
  const steps = done.length === 0 ? 'nothing to do' : done.length === 1 ? '1 step' : `${done.length} steps`;
  const at = finishedAt.slice(0, 19).replace('T', ' ');
  return `Last time (${at} UTC): **${outcome}**, ${steps}, declaration revision ${revision}.`;
}

const sayBlocker = ({ because, fix }: Blocker): string => (fix === undefined ? because : `${because} — ${fix}`);

const sayWait = ({ on, because }: Wait): string => `${on}: ${because}`;

const sayPending = (one: PendingApproval): string =>
  `${describeSubject(one)} (${one.risk}): ${one.because} — cke-client approve ${one.fingerprint}`;

function section(title: string, lines: string[]): string {
  if (lines.length === 0) return '';
  const more = lines.length > listed ? [`… and ${lines.length - listed} more`] : [];
  return [`${title}:`, '', ...[...lines.slice(0, listed), ...more].map((line) => `- ${asWritten(line)}`)].join('\n');
}

/** Markdown would make one dash of the two before a flag's name. */
const asWritten = (line: string): string => line.replaceAll('--', String.raw`\-\-`);
