import type { ApplicationFailure } from '@temporalio/common';
import { describeSubject, type PendingApproval } from '../cluster/approval.ts';
import type { ClusterStatus, Judgement } from './contracts.ts';
import { lookingActivities } from './proxies.ts';
import { refusal } from './refusal.ts';

/** What an answer changes of the entity. */
type Questioned = Pick<ClusterStatus, 'cluster' | 'state' | 'lastReport'> & { woken?: Woken };

/** Something that no look at the cluster has covered yet. */
export interface Woken {
  /** Milliseconds since 1970. */
  at: number;
  because: string;
  /** A person's name, or `event`. */
  by: string;
}

/**
 * While an operation runs it may have asked what no report says yet: the record of questions is looked at then, with the answer.
 * @throws ApplicationFailure ApprovalRefused unless the last report asks for this answer, and the question has not ended
 */
export function demandQuestion({ cluster, state, lastReport }: Questioned, { fingerprint, by }: Judgement): void {
  if (by === '' || fingerprint === '')
    throw refused(cluster, 'an answer has a fingerprint and the name of who gives it');
  const pending = lastReport?.pending ?? [];
  const question = pending.find((one) => one.fingerprint === fingerprint);
  if (question === undefined && state === 'reconciling') return;
  if (question === undefined) {
    const others = pending.length === 0 ? 'nothing waits for one' : pending.map((one) => one.fingerprint).join(', ');
    throw refused(cluster, `${fingerprint} does not wait for an answer`, `what does: ${others}`);
  }
  if (question.expiresAt !== undefined && Date.parse(question.expiresAt) <= Date.now())
    throw refused(cluster, `the question ${fingerprint} expired at ${question.expiresAt}; it is asked anew`);
}

/** Puts the answer on record and looks at the cluster at once. The record is checked again there: one answer counts, the first. */
export async function answerQuestion(
  state: Questioned,
  answer: 'approved' | 'rejected',
  { fingerprint, by, reason }: Judgement,
): Promise<PendingApproval> {
  const { cluster } = state;
  const given = { cluster, fingerprint, answer, by, ...(reason !== undefined && { reason }) };
  const question = await lookingActivities.answerApproval(given);
  if (state.lastReport?.pending)
    state.lastReport.pending = state.lastReport.pending.filter((one) => one.fingerprint !== fingerprint);
  state.woken = { at: Date.now(), because: `${by} ${answer} ${describeSubject(question)}`, by };
  return question;
}

function refused(cluster: string, because: string, got?: string): ApplicationFailure {
  return refusal({
    code: 'ApprovalRefused',
    message: `${cluster}: ${because}`,
    ...(got !== undefined && { got }),
    fix: 'cke-client status lists what waits',
    remedy: 'never',
  });
}
