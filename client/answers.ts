import type { Client } from '@temporalio/client';
import type { PendingApproval } from '../cluster/approval.ts';
import { describeSubject } from '../cluster/approval.ts';
import { CkeError } from '../cluster/errors.ts';
import { chosenCluster } from './cluster-name.ts';
import { operatorName } from './operator.ts';
import type { ClusterOptions, OutputOptions } from './options.ts';
import { print } from './output.ts';
import { askProgress, askStatus, tellAnswer } from './requests.ts';
import { inSession, type Session } from './session.ts';

/** Fewer digits of a fingerprint than these are not taken for it. */
const fewestDigits = 8;

interface Given {
  answer: 'approve' | 'reject';
  /** A fingerprint that `status` lists, or its first digits. */
  fingerprint: string;
  options: ClusterOptions & OutputOptions & { reason?: string };
}

/** Gives a person's answer to the cluster's entity, and says what it was about. */
export async function giveAnswer(given: Given): Promise<void> {
  await inSession(given.options, (session) => answerIn(session, given));
}

async function answerIn(session: Session, { answer, fingerprint, options }: Given): Promise<void> {
  const cluster = await chosenCluster(session, options);
  const client = await session.temporal();
  const pending = await openQuestions(client, cluster);
  const by = operatorName();
  const question = await tellAnswer(client, cluster, {
    answer,
    fingerprint: wholeFingerprint(fingerprint, pending),
    by,
    ...(options.reason !== undefined && { reason: options.reason }),
  });
  print({ data: { cluster, answer, by, question }, format: options.output, asText: answerText });
}

/** Those of the last report, and what an operation that runs has asked since. */
async function openQuestions(client: Client, cluster: string): Promise<PendingApproval[]> {
  const status = await askStatus(client, cluster);
  const reported = status?.lastReport?.pending ?? [];
  if (status?.state !== 'reconciling') return reported;
  const asked = (await askProgress(client, cluster).catch(() => undefined))?.pending ?? [];
  const known = new Set(reported.map(({ fingerprint }) => fingerprint));
  return [...reported, ...asked.filter(({ fingerprint }) => !known.has(fingerprint))];
}

/** Pure. The fingerprint that waits for an answer and begins like this. @throws CkeError ApprovalRefused for none, or for several */
export function wholeFingerprint(start: string, pending: PendingApproval[]): string {
  const found = pending.filter(({ fingerprint }) => fingerprint.startsWith(start.toLowerCase()));
  const [only] = found;
  if (only !== undefined && found.length === 1 && start.length >= fewestDigits) return only.fingerprint;
  throw new CkeError({
    code: 'ApprovalRefused',
    message: `${start} ${found.length === 0 ? 'does not wait for an answer' : 'is too short: it must name one question'}`,
    got: pending.length === 0 ? 'nothing waits for one' : pending.map(({ fingerprint }) => fingerprint).join(', '),
    fix: 'cke-client status lists what waits, with the literal command',
    remedy: 'never',
  });
}

interface Answered {
  cluster: string;
  answer: 'approve' | 'reject';
  by: string;
  question: PendingApproval;
}

function answerText({ cluster, answer, by, question }: Answered): string {
  const what = `${describeSubject(question)} (revision ${question.revision})`;
  return answer === 'approve'
    ? `${cluster}: ${by} approved ${what}.\nIt begins now. Next: cke-client status --watch --cluster ${cluster}`
    : `${cluster}: ${by} rejected ${what}.\nIt is not done under this revision. Next: cke-client status --cluster ${cluster}`;
}

/** A question for `status`: what, why, who asked, until when, and the literal commands. */
export function pendingText(one: PendingApproval, cluster?: string): string {
  const { fingerprint, risk, because, nodes, requestedBy, expiresAt } = one;
  const where = cluster === undefined ? '' : ` --cluster ${cluster}`;
  const asked = requestedBy === undefined ? '' : `\n    asked  for ${requestedBy}, until ${expiresAt ?? 'it is done'}`;
  const what = `${describeSubject(one)} (${risk}; now on ${nodes.slice(0, 5).join(', ')}${nodes.length > 5 ? ', …' : ''})`;
  return `${what}: ${because}${asked}\n    yes    cke-client approve ${fingerprint}${where}\n    no     cke-client reject ${fingerprint} --reason "…"${where}`;
}
