import { basename } from 'node:path';
import process, { stderr } from 'node:process';
import { Command } from 'commander';
import type { StoredDeclaration } from '../../activities/store/declarations.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { parseDeclaration } from '../../cluster/declaration/parse.ts';
import { problemText } from '../../cluster/declaration/problem-text.ts';
import { CkeError } from '../../cluster/errors.ts';
import { demandUnchanged, type SavedPlan } from '../../cluster/saved-plan.ts';
import { acceptedBefore, changeProblems } from '../change-rules.ts';
import { changesBetween } from '../changes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { askPlan } from '../look.ts';
import { operatorName } from '../operator.ts';
import {
  type ClusterOptions,
  namedCluster,
  type OutputOptions,
  withCluster,
  withExamples,
  withOutput,
} from '../options.ts';
import { acceptUnderLock, requestPlanned } from '../planned-change.ts';
import { readPlan } from '../saved-plan-file.ts';
import { ensureSchedules } from '../schedules.ts';
import { inSession, type Session } from '../session.ts';
import { askPerson } from '../terminal.ts';
import { addonChangeText, prepareAddons } from '../resources/addon-changes.ts';
import { followTicket, requestAndFollow } from './reconcile.ts';
import { readDeclaration } from './validate.ts';

type ApplyOptions = ClusterOptions & OutputOptions & { wait: boolean; yes?: true; plan?: string };

/** `cke-client apply FILE`: makes a declaration the wanted one and carries it out. Exit code 0 converged, 1 refused, 3 blocked. */
export function applyCommand(): Command {
  const command = new Command('apply')
    .description('accept a declaration and make the cluster like it')
    .argument('[file]', 'cluster.yaml, or - for standard input')
    .option('--plan <plan>', 'instead of a file: carry out exactly what plan --out has saved, or refuse')
    .option('--no-wait', 'return as soon as it is accepted')
    .option('-y, --yes', 'do not ask before nodes are taken out of the cluster')
    .action(async (file: string | undefined, options: ApplyOptions) => {
      process.exitCode = await inSession(options, (session) => applyWish(session, file, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client apply cluster.yaml',
    'cke-client apply cluster.yaml --no-wait',
    'cke-client apply --plan plan.json',
    'generate-cluster | cke-client apply - --yes',
  ]);
}

async function applyWish(session: Session, file: string | undefined, options: ApplyOptions): Promise<ExitCode> {
  if (file !== undefined && options.plan === undefined)
    return apply(session, { file, text: textOf(await readDeclaration(file)) }, options);
  if (file === undefined && options.plan !== undefined) return applyPlan(session, options.plan, options);
  throw new CkeError({
    code: 'InvalidRequest',
    message: 'apply needs a declaration or a saved plan, and not both',
    fix: 'cke-client apply cluster.yaml, or cke-client apply --plan plan.json',
    remedy: 'never',
  });
}

/** Looks again first, so that a plan that would be another one by now is refused before anybody is asked anything. */
async function applyPlan(session: Session, plan: string, options: ApplyOptions): Promise<ExitCode> {
  const saved = readPlan(plan);
  const { cluster, declaration: text } = saved;
  demandUnchanged(saved, await askPlan(await session.temporal(), { cluster, text }));
  return apply(session, { file: plan, text, saved }, options);
}

interface Wish {
  file: string;
  text: string;
  /** The plan that is to be carried out, and no other. */
  saved?: SavedPlan;
}

async function apply(session: Session, { file, text, saved }: Wish, options: ApplyOptions): Promise<ExitCode> {
  const declaration = accepted(text, file);
  const cluster = agreeOnName(declaration, options);
  const by = operatorName();
  const because = `${by} applied ${file === '-' ? 'a declaration' : basename(file)}`;
  const before = await session.store().declarations.get(cluster, 'latest');
  const addons = await prepareAddons(session, declaration);
  if (before?.text !== text)
    await judge(session, { file, before: before?.text, declaration, answer: options.yes ? 'yes' : 'ask' });
  // Where nothing is to be accepted the operation alone says whether it is the plan that was read.
  const carryOut = before?.text === text ? requestPlanned : acceptUnderLock;
  const ticket = saved && (await carryOut(session, { saved, by, because }));
  if (saved === undefined) await accept(session, { cluster, text, by, before });
  await addons.store(by);
  for (const change of addons.changes) stderr.write(`${cluster}: add-on ${addonChangeText(change)}\n`);
  await ensureSchedules(await session.temporal(), declaration);
  const rest = { session, cluster, wait: options.wait ? 'wait' : 'return', output: options.output } as const;
  if (ticket !== undefined) return followTicket({ ...rest, ticket });
  return requestAndFollow({ ...rest, request: { requestedBy: by, because } });
}

interface Acceptance {
  cluster: string;
  text: string;
  by: string;
  before: StoredDeclaration | undefined;
}

async function accept(session: Session, { cluster, text, by, before }: Acceptance): Promise<void> {
  if (before?.text === text) {
    stderr.write(`${cluster}: the declaration is the accepted one, revision ${before.revision}\n`);
    return;
  }
  const expectedRevision = before?.revision ?? 0;
  const revision = await session.store().declarations.put(cluster, text, { by, expectedRevision });
  stderr.write(`${cluster}: declaration accepted as revision ${revision}\n`);
}

function textOf(source: string | Uint8Array): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}

/** The declaration in a text; its warnings go to standard error. @throws CkeError DeclarationRefused with every problem */
export function accepted(text: string, file: string): Declaration {
  const parsing = parseDeclaration(text);
  for (const warning of parsing.warnings) stderr.write(`warning: ${problemText(warning, file)}\n`);
  if (parsing.outcome === 'accepted') return parsing.declaration;
  throw refused(
    `${file}: the declaration is refused`,
    parsing.problems.map((problem) => problemText(problem, file)),
  );
}

function refused(message: string, problems: string[]): CkeError {
  return new CkeError({
    code: 'DeclarationRefused',
    message: [message, ...problems].join('\n\n'),
    fix: 'correct the file; nothing was changed. cke-client validate needs no server',
    remedy: 'never',
  });
}

function agreeOnName({ name }: Declaration, options: ClusterOptions): string {
  const named = namedCluster(options);
  if (named === undefined || named === name) return name;
  throw new CkeError({
    code: 'InvalidRequest',
    message: `the declaration is for cluster ${name}, but ${named} was named`,
    got: `name: ${name} in the file, ${named} by --cluster or CKE_CLUSTER`,
    fix: `leave out --cluster and CKE_CLUSTER, or give them the name ${name}`,
    remedy: 'never',
  });
}

interface Judged {
  file: string;
  before: string | undefined;
  declaration: Declaration;
  answer: 'yes' | 'ask';
}

/** Rules for a change, then a question where nodes go away: that cannot be taken back. */
async function judge(session: Session, { file, before, declaration, answer }: Judged): Promise<void> {
  const is = acceptedBefore(declaration.name, before);
  const problems = await changeProblems(session, { accepted: is, wished: declaration });
  if (problems.length > 0)
    throw refused(
      `${file}: the change is refused`,
      problems.map((problem) => problemText(problem, file)),
    );
  if (is === undefined) return;
  const changes = changesBetween(is, declaration);
  for (const line of changes.lines) stderr.write(`  ${line}\n`);
  if (changes.removed.length > 0 && answer === 'ask') await confirm(changes.removed);
}

async function confirm(removed: string[]): Promise<void> {
  const what = `${removed.join(', ')} will be taken out of the cluster`;
  const answer = await askPerson(`${what}. Type yes to go on: `);
  if (answer === undefined) throw unconfirmed(`${what}, and nobody can be asked`);
  if (answer.toLowerCase() !== 'yes') throw unconfirmed(`${what}, and the answer was not yes`);
}

function unconfirmed(message: string): CkeError {
  return new CkeError({
    code: 'InvalidRequest',
    message: `nothing was changed: ${message}`,
    fix: 'answer yes, or add --yes',
    remedy: 'never',
  });
}
