import { z } from 'zod';
import type { PendingApproval } from '../../cluster/approval.ts';
import type { ApprovalReason } from '../../cluster/declaration/maintenance.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { StoreConnection } from './connection.ts';
import { fenced, type Epochs } from './epoch.ts';
import { clusterKeys } from './keys.ts';
import { readValue, readValues } from './value.ts';

export interface ApprovalAnswer {
  answer: 'approved' | 'rejected';
  /** Who answered, e.g. `alice@bastion`. */
  by: string;
  /** RFC 3339. */
  at: string;
  reason?: string;
}

/** A question to people and its answer. It ends at `expiresAt`, answered or not. */
export interface ApprovalRecord extends Omit<PendingApproval, 'requestedBy' | 'expiresAt'> {
  requestedBy: string;
  /** RFC 3339. */
  requestedAt: string;
  expiresAt: string;
  answer?: ApprovalAnswer;
  /** When what it allowed was done: it allows nothing after that. RFC 3339. */
  spentAt?: string;
}

/** What a person says to a question. */
export interface AnswerInput {
  fingerprint: string;
  answer: 'approved' | 'rejected';
  by: string;
  reason?: string;
}

/** Questions that wait for people, and their answers; they outlive workflows (DESIGN §7.7). */
export interface Approvals {
  /** All that are kept, the oldest question first. */
  list(cluster: string): Promise<ApprovalRecord[]>;
  /**
   * Asks what is not being asked already: a question that has expired, or whose answer was used, is asked anew.
   * @returns the records of all that was asked
   * @throws CkeError Fenced when the epoch is not the current one
   */
  request(cluster: string, questions: PendingApproval[], asked: AskedBy): Promise<ApprovalRecord[]>;
  /** @throws CkeError ApprovalRefused, which says what speaks against it */
  answer(cluster: string, input: AnswerInput): Promise<ApprovalRecord>;
  /** Marks answers as used. @throws CkeError Fenced when the epoch is not the current one */
  spend(cluster: string, fingerprints: string[], guard: { epoch: number }): Promise<void>;
}

export interface AskedBy {
  by: string;
  expireAfterHours: number;
  epoch: number;
}

const hour = 3_600_000;
/** Ended questions are kept for history this long. */
const keptMilliseconds = 90 * 24 * hour;

const text = z.string();
const answerSchema = z.object({
  answer: z.enum(['approved', 'rejected']),
  by: text,
  at: z.iso.datetime(),
  reason: text.exactOptional(),
});
/** What a question about a risky step consists of: in its record, and in the reports that history keeps. */
export const questionShape = {
  kind: text,
  target: text,
  from: text,
  to: text,
  revision: z.int(),
  fingerprint: text,
  risk: z.custom<ApprovalReason>((value) => typeof value === 'string'),
  because: text,
  nodes: z.array(text),
};
const recordSchema: z.ZodType<ApprovalRecord> = z.object({
  ...questionShape,
  requestedBy: text,
  requestedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  answer: answerSchema.exactOptional(),
  spentAt: z.iso.datetime().exactOptional(),
});

export function storeApprovals(connection: StoreConnection, epochs: Epochs, now: () => Date): Approvals {
  const read = (cluster: string, fingerprint: string) =>
    readValue(connection, clusterKeys(cluster).approval(fingerprint), recordSchema);
  const fencedWrite = async (cluster: string, epoch: number, record: ApprovalRecord, version: string) => {
    const keys = clusterKeys(cluster);
    const key = keys.approval(record.fingerprint);
    const done = await connection.commit((client) =>
      client
        .if(key, 'Mod', '==', version)
        .and(keys.epoch, 'Value', '==', String(epoch))
        .then(client.put(key).value(JSON.stringify(record))),
    );
    const current = await epochs.current(cluster);
    if (!done && current !== epoch) throw fenced(cluster, epoch, current);
  };

  return {
    async list(cluster) {
      const found = await readValues(connection, clusterKeys(cluster).approvals, recordSchema);
      const oldest = now().getTime() - keptMilliseconds;
      const records = [...found.values()].map(({ value }) => value);
      return records
        .filter(({ expiresAt }) => Date.parse(expiresAt) > oldest)
        .toSorted((a, b) => (a.requestedAt < b.requestedAt ? -1 : 1));
    },
    async request(cluster, questions, { by, expireAfterHours, epoch }) {
      const records: ApprovalRecord[] = [];
      for (const question of questions) {
        const found = await read(cluster, question.fingerprint);
        const record = recordOf(question, found?.value, { by, expireAfterHours, now: now() });
        if (record !== found?.value) await fencedWrite(cluster, epoch, record, found?.version ?? '0');
        records.push(record);
      }
      return records;
    },
    async answer(cluster, input) {
      const found = await read(cluster, input.fingerprint);
      const complaint = whyNoAnswer(found, input, now());
      if (found === undefined || complaint !== undefined) throw refused(input, complaint ?? 'nobody asked for it');
      const record = withAnswer(found.value, input, now());
      const key = clusterKeys(cluster).approval(input.fingerprint);
      const done = await connection.commit((client) =>
        client.if(key, 'Mod', '==', found.version).then(client.put(key).value(JSON.stringify(record))),
      );
      if (!done) throw refused(input, 'somebody else answered at the same moment');
      return record;
    },
    async spend(cluster, fingerprints, { epoch }) {
      for (const fingerprint of fingerprints) {
        const found = await read(cluster, fingerprint);
        const spent = found && asSpent(found.value, now());
        if (spent !== undefined) await fencedWrite(cluster, epoch, spent, found?.version ?? '0');
      }
    },
  };
}

/** Whether a question still stands: answered or not, it was neither used up nor has it ended. */
export function isOpen({ expiresAt, spentAt }: ApprovalRecord, now: Date): boolean {
  return spentAt === undefined && Date.parse(expiresAt) > now.getTime();
}

/** Pure. The record of a question: the one that stands, or a new one where it has ended or was never asked. */
export function recordOf(
  question: PendingApproval,
  found: ApprovalRecord | undefined,
  { by, expireAfterHours, now }: Omit<AskedBy, 'epoch'> & { now: Date },
): ApprovalRecord {
  if (found !== undefined && isOpen(found, now)) return found;
  const expiresAt = new Date(now.getTime() + expireAfterHours * hour).toISOString();
  return { ...question, requestedBy: by, requestedAt: now.toISOString(), expiresAt };
}

/** Pure. */
export function withAnswer(
  record: ApprovalRecord,
  { fingerprint: _fingerprint, ...given }: AnswerInput,
  now: Date,
): ApprovalRecord {
  return { ...record, answer: { ...given, at: now.toISOString() } };
}

/** Pure. The record of an approval that is used up; undefined for what was not approved, or is used up already. */
export function asSpent(record: ApprovalRecord, now: Date): ApprovalRecord | undefined {
  if (record.answer?.answer !== 'approved' || record.spentAt !== undefined) return undefined;
  return { ...record, spentAt: now.toISOString() };
}

/** Pure. The check that fails (reliability §6.9: 76); undefined when the question may be answered. */
export function whyNoAnswer(
  found: { value: ApprovalRecord } | undefined,
  { by }: AnswerInput,
  now: Date,
): string | undefined {
  if (found === undefined) return 'nobody asked for it: no step has this fingerprint';
  const { answer, spentAt, expiresAt } = found.value;
  if (spentAt !== undefined) return `it was used at ${spentAt}: an approval holds for one time`;
  if (Date.parse(expiresAt) <= now.getTime()) return `it expired at ${expiresAt}`;
  if (answer === undefined) return undefined;
  return `${answer.by === by ? 'you have' : `${answer.by} has`} ${answer.answer} it already, at ${answer.at}`;
}

function refused({ fingerprint, answer }: AnswerInput, because: string): CkeError {
  return new CkeError({
    code: 'ApprovalRefused',
    message: `${fingerprint} can't be ${answer}: ${because}`,
    want: 'a fingerprint that waits for an answer now',
    fix: 'cke-client status lists them',
    remedy: 'never',
  });
}
