import process from 'node:process';
import { Command } from 'commander';
import { describeSubject, type PendingApproval } from '../../cluster/approval.ts';
import type { Forecast } from '../../cluster/decide/forecast.ts';
import { describeStep, nodesOf } from '../../cluster/steps/describe-step.ts';
import type { Plan } from '../../cluster/plan.ts';
import type { Step } from '../../cluster/steps/step.ts';
import type { Target } from '../../cluster/steps/base.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { problemText } from '../../cluster/declaration/problem-text.ts';
import type { PlanPreview } from '../../cluster/saved-plan.ts';
import { acceptedBefore, changeProblems } from '../change-rules.ts';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { count, print, table } from '../output.ts';
import { paintFor, plain, type Paint } from '../paint.ts';
import { blockerText, section, waitText } from '../report.ts';
import { askPlan } from '../look.ts';
import { writePlan } from '../saved-plan-file.ts';
import { inSession, type Session } from '../session.ts';
import { addonChangeText, prepareAddons, type AddonChange } from '../resources/addon-changes.ts';
import { accepted } from './apply.ts';
import { readDeclaration } from './validate.ts';

type PlanOptions = ClusterOptions & OutputOptions & { out?: string };

/** `cke-client plan [FILE]`: what would happen, and nothing does. Exit code 0 nothing to do, 2 changes, 3 only obstacles. */
export function planCommand(): Command {
  const command = new Command('plan')
    .description('show the next steps, their reasons and how disruptive they are; changes nothing')
    .argument('[file]', 'a declaration that is not accepted yet; without it, the accepted one')
    .option('--out <plan>', 'save the plan: apply --plan carries out exactly that, or refuses')
    .action(async (file: string | undefined, options: PlanOptions) => {
      process.exitCode = await inSession(options, (session) => showPlan(session, file, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client plan cluster.yaml',
    'cke-client plan cluster.yaml --out plan.json',
    'cke-client plan --output json | jq .steps',
  ]);
}

async function showPlan(session: Session, file: string | undefined, options: PlanOptions): Promise<ExitCode> {
  const wished = file === undefined ? undefined : await ofFile(session, file);
  const question = wished?.question ?? { cluster: await chosenCluster(session, options) };
  const temporal = await session.temporal();
  const [plan, prepared] = await Promise.all([
    askPlan(temporal, question),
    wished && prepareAddons(session, wished.declaration),
  ]);
  const addons = prepared?.changes ?? [];
  if (options.out !== undefined) await save(session, { ...question, plan, file: options.out });
  const next =
    options.out !== undefined
      ? `cke-client apply --plan ${options.out}`
      : file === undefined
        ? 'cke-client reconcile --wait'
        : `cke-client apply ${file}`;
  const data = { ...plan, addons };
  print({ data, format: options.output, asText: (shown) => planText(shown, { paint: paintFor(), next }) });
  return planExitCode(data);
}

interface Saving {
  cluster: string;
  /** Absent: the accepted declaration. */
  text?: string;
  plan: PlanPreview;
  file: string;
}

async function save(session: Session, { cluster, text, plan, file }: Saving): Promise<void> {
  const declaration = text ?? (await session.store().declarations.get(cluster, 'latest'))?.text ?? '';
  const { revision, identity } = plan;
  writePlan(file, { version: 1, cluster, madeAt: new Date().toISOString(), revision, declaration, identity });
  process.stderr.write(`saved as ${file}\n`);
}

interface Wished {
  question: { cluster: string; text: string };
  declaration: Declaration;
}

async function ofFile(session: Session, file: string): Promise<Wished> {
  const source = await readDeclaration(file);
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  const declaration = accepted(text, file);
  const before = await session.store().declarations.get(declaration.name, 'latest');
  await warnOfRefusal(session, { before: before?.text, declaration, file });
  return { question: { cluster: declaration.name, text }, declaration };
}

interface Wish {
  before: string | undefined;
  declaration: Declaration;
  file: string;
}

/** `apply` would refuse it: the plan is shown all the same, for comparison. */
async function warnOfRefusal(session: Session, { before, declaration, file }: Wish): Promise<void> {
  const is = acceptedBefore(declaration.name, before);
  for (const problem of await changeProblems(session, { accepted: is, wished: declaration }))
    process.stderr.write(`apply would refuse this: ${problemText(problem, file)}\n`);
}

interface WithAddons {
  addons?: AddonChange[];
}

export function planExitCode({ steps, blockers, pending = [], addons = [] }: Plan & WithAddons): ExitCode {
  if (steps.length + pending.length + addons.length > 0) return exitCodes.changesPending;
  return blockers.length > 0 ? exitCodes.attention : exitCodes.ok;
}

/** The steps as a table, obstacles and waits below, and one line that counts. */
export function planText(
  plan: Plan & Partial<Pick<PlanPreview, 'forecast'>> & WithAddons,
  { paint = plain, next }: { paint?: Paint; next: string },
): string {
  const { phase, steps, blockers, waits, pending = [], forecast, addons = [] } = plan;
  const columns = ['disruption', 'risk', 'step', 'nodes', 'reason'];
  const rows = steps.flatMap((step) => rowsOf(step, paint));
  const idle = steps.length + pending.length === 0;
  return [
    rows.length === 0 ? '' : `${table({ columns, rows })}\n`,
    section('Needs a yes, once it is applied', pending.map(askedText)),
    section('Add-ons, once it is applied', addons.map(addonChangeText)),
    section('In the way', blockers.map(blockerText)),
    section('Waiting for', waits.map(waitText)),
    idle && addons.length > 0 ? '' : summary(plan),
    ...(forecast === undefined ? [] : forecastText(forecast)),
    idle ? '' : `Phase ${phase}. Later phases follow when this one is done.`,
    idle && addons.length === 0 ? '' : `Next: ${next}`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** The rounds after this one, if each step succeeds and people say yes; the end of the look ahead in words. */
function forecastText({ rounds, ends }: Forecast): string[] {
  const lines = rounds.flatMap(({ phase, steps }, index) =>
    steps.map(({ title, disruption, risk }, at) => {
      const marks = [disruption === 'none' ? [] : [disruption], risk === undefined ? [] : [risk]].flat().join(', ');
      return `${at === 0 ? `${String(index + 2).padStart(2)}. ${phase}` : '   '}  ${title}${marks === '' ? '' : ` [${marks}]`}`;
    }),
  );
  return lines.length === 0 ? [] : [section('Then, if all goes well', [...lines, `    ${ends}`])];
}

function askedText(one: PendingApproval): string {
  return `${describeSubject(one)} (${one.risk}): ${one.because}`;
}

function summary({ steps, blockers, waits, pending = [] }: Plan): string {
  if (steps.length === 0 && pending.length > 0) return `${count(pending.length, 'step')} for a person to approve.`;
  if (steps.length === 0 && blockers.length === 0 && waits.length === 0)
    return 'Nothing to do: the cluster is as declared.';
  if (steps.length === 0)
    return `No step is possible now: ${count(blockers.length, 'obstacle')}, ${count(waits.length, 'wait')}.`;
  return `${count(steps.length, 'step')} to do${blockers.length === 0 ? '' : `, ${count(blockers.length, 'obstacle')}`}.`;
}

/** One row for each reason: nodes that share it stand together. */
function rowsOf(step: Step, paint: Paint): string[][] {
  const reasons = Object.entries(Object.groupBy(targetsOf(step), ({ because }) => because));
  const start = [disruptionText(step, paint), step.risk ?? '-', nameOf(step)];
  if (reasons.length === 0) return [[...start, nodesOf(step).join(', ') || '-', reasonOf(step)]];
  return reasons.map(([because, targets], index) => [
    ...(index === 0 ? start : ['', '', '']),
    (targets ?? []).map(({ node }) => node).join(', '),
    because,
  ]);
}

function targetsOf(step: Step): Target[] {
  if ('targets' in step) return step.targets;
  return 'target' in step ? [step.target] : [];
}

function reasonOf(step: Step): string {
  return 'because' in step ? step.because : describeStep(step);
}

function nameOf(step: Step): string {
  return 'component' in step
    ? `${step.kind.replace('-component', '')} ${step.component}`
    : step.kind.replaceAll('-', ' ');
}

function disruptionText({ disruption }: Step, paint: Paint): string {
  if (disruption === 'none') return disruption;
  return disruption === 'outage' ? paint.red(disruption) : paint.yellow(disruption);
}
