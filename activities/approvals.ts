import { createHash } from 'node:crypto';
import { subjectText, type ApprovalFacts, type PendingApproval } from '../cluster/approval.ts';
import type { Plan } from '../cluster/plan.ts';
import type { ApprovalActivities } from './contracts/operations.ts';
import { isOpen, type ApprovalRecord } from './store/approvals.ts';
import type { Store } from './store/store.ts';

/** Hexadecimal digits that a person has to compare: 80 bits. */
const fingerprintLength = 20;

/** The hash of a text, as far as people look at it. */
export function fingerprintOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, fingerprintLength);
}

/** What decide() is told of the answers that hold at this moment. */
export function approvalFacts(records: ApprovalRecord[], revision: number, now: Date): ApprovalFacts {
  const open = new Map(records.filter((one) => isOpen(one, now)).map((one) => [one.fingerprint, one]));
  return {
    revision,
    fingerprintOf: (subject) => fingerprintOf(subjectText(subject)),
    stateOf: (fingerprint) => {
      const answer = open.get(fingerprint)?.answer;
      if (answer === undefined) return { state: 'open' };
      const { by, reason } = answer;
      if (answer.answer === 'approved') return { state: 'approved' };
      return { state: 'rejected', by, ...(reason !== undefined && { reason }) };
    },
  };
}

/** What is told of a recorded question, in plans and reports. */
export function pendingOf(record: ApprovalRecord): PendingApproval {
  const { requestedAt: _at, answer: _answer, spentAt: _spent, ...pending } = record;
  return pending;
}

/** Approvals that a cluster which is as declared needs no more: used ones, and those that came too late. */
export function leftOver(records: ApprovalRecord[], { phase, pending = [] }: Plan, now: Date): string[] {
  if (phase !== 'converged' || pending.length > 0) return [];
  return records
    .filter((one) => isOpen(one, now) && one.answer?.answer === 'approved')
    .map(({ fingerprint }) => fingerprint);
}

/** Writing down what a person says to a question. */
export function approvalActivities({ store }: { store: Pick<Store, 'approvals'> }): ApprovalActivities {
  return {
    answerApproval: async ({ cluster, ...answer }) => pendingOf(await store.approvals.answer(cluster, answer)),
  };
}
