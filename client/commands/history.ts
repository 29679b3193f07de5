import { Command, Option } from 'commander';
import type { ApprovalRecord } from '../../activities/store/approvals.ts';
import type { IssuedRecord } from '../../activities/store/issued.ts';
import type { LoginKeyRecord } from '../../activities/store/login-keys.ts';
import type { HistoryEntry } from '../../activities/store/history.ts';
import { describeSubject } from '../../cluster/approval.ts';
import { knownCluster } from '../cluster-name.ts';
import {
  type ClusterOptions,
  type OutputOptions,
  positiveWhole,
  withCluster,
  withExamples,
  withOutput,
} from '../options.ts';
import { ago, count, print, table } from '../output.ts';
import { paintFor, plain, type Paint } from '../paint.ts';
import { section } from '../report.ts';
import { inSession } from '../session.ts';

type HistoryOptions = ClusterOptions & OutputOptions & { limit: number; steps?: true };

/** `cke-client history`: what was done, when, why and by whom, from the management etcd. */
export function historyCommand(): Command {
  const command = new Command('history')
    .description('list the operations that ended, the latest last')
    .addOption(new Option('-n, --limit <number>', 'how many').argParser(positiveWhole).default(20))
    .option('-s, --steps', 'with every step and its reason')
    .action(async (options: HistoryOptions) => {
      await inSession(options, async (session) => {
        const { cluster } = await knownCluster(session, options);
        const { history, approvals, issued, loginKeys } = session.store();
        const [latest, questions, given, keys] = await Promise.all([
          history.list(cluster, options.limit),
          approvals.list(cluster),
          issued.list(cluster, mostAccess),
          loginKeys.list(cluster),
        ]);
        const asText = (entries: ToldEntry[]) =>
          historyText(entries, { paint: paintFor(), now: Date.now(), detail: options.steps ? 'steps' : 'summary' });
        const answered = withAnswers(latest.toReversed(), questions);
        const told = withLoginKeys(withAccess(answered, given.toReversed()), keys);
        print({ data: told, format: options.output, asText });
      });
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client history',
    'cke-client history --limit 3 --steps',
    "cke-client history --output json | jq '.[-1].report.done'",
  ]);
}

/** An operation, and what people had answered since the one before it ended. */
export interface ToldEntry extends HistoryEntry {
  answers?: ApprovalRecord[];
  /** Who was given a certificate meanwhile. */
  access?: IssuedRecord[];
  /** What was done meanwhile to the SSH key of the nodes. */
  loginKeys?: LoginKeyRecord[];
}

/** Of the certificates that people were given, the latest are told. */
const mostAccess = 1_000;

/** Puts each answer to the operation that ended next after it; the latest ones to the last. Pure. */
export function withAnswers(entries: ToldEntry[], questions: ApprovalRecord[]): ToldEntry[] {
  const answered = questions.flatMap((one) => (one.answer === undefined ? [] : [{ at: one.answer.at, one }]));
  return withMeanwhile(entries, 'answers', answered);
}

/** The same with the certificates that people were given. Pure. */
export function withAccess(entries: ToldEntry[], given: IssuedRecord[]): ToldEntry[] {
  return withMeanwhile(entries, 'access', given.map(dated));
}

/** The same with what people did to the SSH key. Pure. */
export function withLoginKeys(entries: ToldEntry[], keys: LoginKeyRecord[]): ToldEntry[] {
  return withMeanwhile(entries, 'loginKeys', keys.map(dated));
}

const dated = <T extends { at: string }>(one: T) => ({ at: one.at, one });

/** An operation bears what happened after the one before it had ended, and not after itself; the last one what came after it, too. */
function withMeanwhile(
  entries: ToldEntry[],
  field: 'answers' | 'access' | 'loginKeys',
  records: { at: string; one: unknown }[],
): ToldEntry[] {
  return entries.map((entry, index) => {
    const [after, until] = [entries[index - 1]?.at ?? '', entries[index + 1] === undefined ? '9' : entry.at];
    const meanwhile = records.filter(({ at }) => at > after && at <= until).map(({ one }) => one);
    return meanwhile.length === 0 ? entry : { ...entry, [field]: meanwhile };
  });
}

interface Look {
  paint?: Paint;
  now: number;
  detail: 'summary' | 'steps';
}

/** A table of operations, or each with its steps. */
export function historyText(entries: ToldEntry[], { paint = plain, now, detail }: Look): string {
  if (entries.length === 0) return 'Nothing was done yet.\nNext: cke-client reconcile --wait';
  if (detail === 'steps') return entries.map((entry) => entryText(entry, { paint, now })).join('\n\n');
  const columns = ['ended', 'outcome', 'rev', 'by', 'reason', 'done'];
  const rows = entries.map((entry) => [
    ago(entry.at, now),
    outcomeText(entry, paint),
    String(entry.report.revision),
    entry.requestedBy,
    entry.because,
    doneText(entry),
  ]);
  const answers = entries.flatMap((entry) => (entry.answers ?? []).map(answerText));
  const access = entries.flatMap((entry) => (entry.access ?? []).map(accessText));
  const loginKeys = entries.flatMap((entry) => (entry.loginKeys ?? []).map(loginKeyText));
  return [
    table({ columns, rows }),
    section('Answers', answers),
    section('Access given', access),
    section('SSH key', loginKeys),
    'Next: cke-client history --limit 1 --steps',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function entryText(entry: ToldEntry, { paint, now }: { paint: Paint; now: number }): string {
  const { report } = entry;
  return [
    `${entry.at}  ${outcomeText(entry, paint)}, ${ago(entry.at, now)}`,
    `  because ${entry.because} (${entry.requestedBy})`,
    ...(entry.answers ?? []).map((one) => `  ${answerText(one)}`),
    ...(entry.access ?? []).map((one) => `  ${accessText(one)}`),
    ...(entry.loginKeys ?? []).map((one) => `  ${loginKeyText(one)}`),
    ...report.done.map((step) => `  ${paint.green('✓')} ${step}`),
    ...report.failed.map(({ step, message, code }) => `  ${paint.red('✗')} ${step}: ${message} (${code})`),
    ...report.blockers.map(({ because }) => `  ${paint.yellow('!')} ${because}`),
    ...report.waits.map(({ on, because }) => `  … ${on}: ${because}`),
  ].join('\n');
}

function answerText({ answer, spentAt, ...question }: ApprovalRecord): string {
  if (answer === undefined) return describeSubject(question);
  const reason = answer.reason === undefined ? '' : `: ${answer.reason}`;
  const used = spentAt === undefined ? '' : ` (used ${spentAt})`;
  return `${answer.at}  ${answer.by} ${answer.answer} ${describeSubject(question)}${reason}${used}`;
}

function accessText({ at, by, user, groups, opens, notAfter, serial }: IssuedRecord): string {
  const what =
    opens === 'etcd' ? `a certificate of etcd's user ${user}` : `a kubeconfig for ${user} (${groups.join(', ')})`;
  return `${at}  ${by} took ${what}, valid until ${notAfter}, serial ${serial}`;
}

function loginKeyText({ at, by, change, fingerprint }: LoginKeyRecord): string {
  const what = {
    used: `has the nodes opened with the new SSH key ${fingerprint}`,
    alone: `took the SSH key before ${fingerprint} off the nodes`,
  };
  return `${at}  ${by} ${what[change]}`;
}

function outcomeText({ report: { outcome } }: HistoryEntry, paint: Paint): string {
  if (outcome === 'converged') return paint.green(outcome);
  return outcome === 'failed' || outcome === 'cancelled' || outcome === 'destroyed'
    ? paint.red(outcome)
    : paint.yellow(outcome);
}

function doneText({ report: { done, failed } }: HistoryEntry): string {
  const [first] = done;
  if (first === undefined) return failed.length === 0 ? 'nothing' : `${count(failed.length, 'step')} failed`;
  return done.length === 1 ? first : `${count(done.length, 'step')}: ${first}, …`;
}
