import { recordOf, asSpent, whyNoAnswer, withAnswer, type AnswerInput } from '../../../activities/store/approvals.ts';
import type { ApprovalRecord } from '../../../activities/store/approvals.ts';
import { describeSubject, type PendingApproval } from '../../../cluster/approval.ts';
import { latest, say, type World } from './world.ts';

/** The clock of the model as the real code reads it. */
export const timeIn = ({ now }: World): Date => new Date(now * 1000);

/** Puts questions on record, as activities/operation.ts does after each decision. */
export function ask(world: World, questions: PendingApproval[]): void {
  const { expire_after_hours: expireAfterHours } = latest(world).approvals;
  for (const question of questions) {
    const found = world.approvals.find(({ fingerprint }) => fingerprint === question.fingerprint);
    const record = recordOf(question, found, { by: 'the model', expireAfterHours, now: timeIn(world) });
    if (record === found) continue;
    put(world, record);
    say(world, `asked: ${describeSubject(question)}`);
  }
}

export function spend(world: World, fingerprints: string[]): void {
  for (const record of world.approvals.filter(({ fingerprint }) => fingerprints.includes(fingerprint))) {
    const spent = asSpent(record, timeIn(world));
    if (spent !== undefined) put(world, spent);
  }
}

/** A person answers; what can't be answered is refused, and nothing changes. */
export function answer(world: World, record: ApprovalRecord, given: Omit<AnswerInput, 'fingerprint'>): void {
  const input = { ...given, fingerprint: record.fingerprint };
  if (whyNoAnswer({ value: record }, input, timeIn(world)) !== undefined) return;
  say(world, `${given.answer}: ${describeSubject(record)}`);
  put(world, withAnswer(record, input, timeIn(world)));
}

/** The time of a question is over, answered or not. */
export function expire(world: World, record: ApprovalRecord): void {
  say(world, `expired: ${describeSubject(record)}`);
  put(world, { ...record, expiresAt: timeIn(world).toISOString() });
}

/** By arithmetic alone: what people have said yes to, and it holds. */
export function approvedIn(world: World): ApprovalRecord[] {
  return world.approvals.filter((record) => record.answer?.answer === 'approved' && stands(world, record));
}

export function stands(world: World, { expiresAt, spentAt }: ApprovalRecord): boolean {
  return spentAt === undefined && Date.parse(expiresAt) / 1000 > world.now;
}

function put(world: World, record: ApprovalRecord): void {
  const others = world.approvals.filter(({ fingerprint }) => fingerprint !== record.fingerprint);
  world.approvals = [...others, record];
}
