import process from 'node:process';
import { Command } from 'commander';
import { describeStep, nodesOf, type Plan, type Step, type Target } from '../../cluster/plan.ts';
import { judgeChange } from '../../cluster/declaration/changes.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { parseDeclaration } from '../../cluster/declaration/parse.ts';
import { problemText } from '../../cluster/declaration/problem-text.ts';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { count, print, table } from '../output.ts';
import { paintFor, plain, type Paint } from '../paint.ts';
import { blockerText, section, waitText } from '../report.ts';
import { askPlan } from '../look.ts';
import { inSession, type Session } from '../session.ts';
import { accepted } from './apply.ts';
import { readDeclaration } from './validate.ts';

type PlanOptions = ClusterOptions & OutputOptions;

/** `cke-client plan [FILE]`: what would happen, and nothing does. Exit code 0 nothing to do, 2 changes, 3 only obstacles. */
export function planCommand(): Command {
  const command = new Command('plan')
    .description('show the next steps, their reasons and how disruptive they are; changes nothing')
    .argument('[file]', 'a declaration that is not accepted yet; without it, the accepted one')
    .action(async (file: string | undefined, options: PlanOptions) => {
      process.exitCode = await inSession(options, (session) => showPlan(session, file, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client plan cluster.yaml',
    'cke-client plan --output json | jq .steps',
  ]);
}

async function showPlan(session: Session, file: string | undefined, options: PlanOptions): Promise<ExitCode> {
  const question =
    file === undefined ? { cluster: await chosenCluster(session, options) } : await ofFile(session, file);
  const plan = await askPlan(await session.temporal(), question);
  const next = file === undefined ? 'cke-client reconcile --wait' : `cke-client apply ${file}`;
  print({ data: plan, format: options.output, asText: (data) => planText(data, { paint: paintFor(), next }) });
  return planExitCode(plan);
}

async function ofFile(session: Session, file: string): Promise<{ cluster: string; text: string }> {
  const source = await readDeclaration(file);
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  const declaration = accepted(text, file);
  const before = await session.store().declarations.get(declaration.name, 'latest');
  if (before !== undefined) warnOfRefusal({ before: before.text, declaration, file });
  return { cluster: declaration.name, text };
}

/** `apply` would refuse it: the plan is shown all the same, for comparison. */
function warnOfRefusal({
  before,
  declaration,
  file,
}: {
  before: string;
  declaration: Declaration;
  file: string;
}): void {
  const parsing = parseDeclaration(before);
  if (parsing.outcome !== 'accepted') return;
  for (const problem of judgeChange(parsing.declaration, declaration))
    process.stderr.write(`apply would refuse this: ${problemText(problem, file)}\n`);
}

export function planExitCode({ steps, blockers }: Plan): ExitCode {
  if (steps.length > 0) return exitCodes.changesPending;
  return blockers.length > 0 ? exitCodes.attention : exitCodes.ok;
}

/** The steps as a table, obstacles and waits below, and one line that counts. */
export function planText(plan: Plan, { paint = plain, next }: { paint?: Paint; next: string }): string {
  const { phase, steps, blockers, waits } = plan;
  const columns = ['disruption', 'step', 'nodes', 'reason'];
  const rows = steps.flatMap((step) => rowsOf(step, paint));
  return [
    rows.length === 0 ? '' : `${table({ columns, rows })}\n`,
    section('In the way', blockers.map(blockerText)),
    section('Waiting for', waits.map(waitText)),
    summary(plan),
    steps.length === 0 ? '' : `Phase ${phase}. Later phases follow when this one is done.\nNext: ${next}`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function summary({ steps, blockers, waits }: Plan): string {
  if (steps.length === 0 && blockers.length === 0 && waits.length === 0)
    return 'Nothing to do: the cluster is as declared.';
  if (steps.length === 0)
    return `No step is possible now: ${count(blockers.length, 'obstacle')}, ${count(waits.length, 'wait')}.`;
  return `${count(steps.length, 'step')} to do${blockers.length === 0 ? '' : `, ${count(blockers.length, 'obstacle')}`}.`;
}

/** One row for each reason: nodes that share it stand together. */
function rowsOf(step: Step, paint: Paint): string[][] {
  const reasons = Object.entries(Object.groupBy(targetsOf(step), ({ because }) => because));
  const start = [disruptionText(step, paint), nameOf(step)];
  if (reasons.length === 0) return [[...start, nodesOf(step).join(', ') || '-', reasonOf(step)]];
  return reasons.map(([because, targets], index) => [
    ...(index === 0 ? start : ['', '']),
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
