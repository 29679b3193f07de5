import * as wf from '@temporalio/workflow';
import type { Decision } from '../activities/contracts/operations.ts';
import type { Mandate } from '../activities/contracts/mandates.ts';
import type { SetAside } from '../cluster/decide/facts.ts';
import type { Complaint } from '../cluster/errors.ts';
import { describeStep, nodesOf } from '../cluster/steps/describe-step.ts';
import type { Step } from '../cluster/steps/step.ts';
import type { batch } from './batch.workflow.ts';
import { mapBounded } from './bounded.ts';
import { batchWorkflowId, type OperationProgress } from './contracts.ts';
import { complaintOf } from './failures.ts';
import { stepActivities } from './proxies.ts';
import { unitsOf, type Unit } from './steps/run-step.ts';

/** More units than this go to batch children: each has a short history of its own (reference: temporal §3.6). */
const largestInline = 50;

export interface UnitFailure {
  title: string;
  complaint: Complaint;
  /** What the rest of the operation leaves alone. */
  aside: SetAside[];
}

export interface UnitDone {
  title: string;
  /** What would be left alone if doing it again and again did not help. */
  aside: Pick<SetAside, 'step' | 'node' | 'component'>;
}

export interface RoundResult {
  done: UnitDone[];
  failed: UnitFailure[];
}

interface RoundInput {
  cluster: string;
  decision: Decision;
  seen: OperationProgress;
  show: () => void;
}

/** Runs the steps of one plan side by side, and waits for all of them: a failure stops nothing but its own unit. */
export async function runRound({ cluster, decision, seen, show }: RoundInput): Promise<RoundResult> {
  const mandate: Mandate = { cluster, epoch: decision.epoch, revision: decision.revision };
  const { steps } = decision.plan;
  seen.running = steps.map((step) => ({ step: describeStep(step), done: 0, of: Math.max(1, nodesOf(step).length) }));
  show();
  const results = await Promise.all(
    steps.map(async (step, index) => {
      const result = await runStep({
        step,
        mandate,
        lanes: decision.lanes,
        round: seen.round,
        index,
        advance: (finished) => {
          const entry = seen.running[index];
          if (entry) entry.done = finished;
          show();
        },
      });
      seen.done.push(...result.done.filter((unit) => isNews(unit, seen.done)).map(({ title }) => title));
      return result;
    }),
  );
  seen.running = [];
  return { done: results.flatMap(({ done }) => done), failed: results.flatMap(({ failed }) => failed) };
}

/** A drain that asks the same pods again is told once. */
function isNews({ title, aside }: UnitDone, told: string[]): boolean {
  return aside.step !== 'drain-node' || !told.includes(title);
}

interface StepInput {
  step: Step;
  mandate: Mandate;
  lanes: number;
  round: number;
  index: number;
  advance: (finished: number) => void;
}

async function runStep(input: StepInput): Promise<RoundResult> {
  const count = nodesOf(input.step).length;
  return count > largestInline ? runBatches(input) : runUnits(input);
}

/** Runs the units of a step in bounded lanes; used by the operation itself and by its batches. */
export async function runUnits({
  step,
  mandate,
  lanes,
  advance,
}: Pick<StepInput, 'step' | 'mandate' | 'lanes'> & { advance?: (finished: number) => void }): Promise<RoundResult> {
  const units = unitsOf(step, mandate);
  let finished = 0;
  const results = await mapBounded(units, lanes, async (unit) => {
    try {
      await unit.run(stepActivities);
    } finally {
      finished += 1;
      advance?.(finished);
    }
  });
  const done: UnitDone[] = [];
  const failed: UnitFailure[] = [];
  for (const [index, unit] of units.entries()) {
    const result = results[index];
    if (result?.status === 'rejected') failed.push(failureOf(step, unit, complaintOf(result.reason)));
    else done.push({ title: unit.title, aside: targetOf(step, unit) });
  }
  return { done, failed };
}

function targetOf(step: Step, { node, component }: Unit): UnitDone['aside'] {
  return { step: step.kind, ...(node !== undefined && { node }), ...(component && { component }) };
}

function failureOf(step: Step, unit: Unit, complaint: Complaint): UnitFailure {
  const { code, message, fix } = complaint;
  const aside = { ...targetOf(step, unit), code, because: message, ...(fix !== undefined && { fix }) };
  return { title: unit.title, complaint, aside: [aside] };
}

async function runBatches({ step, mandate, lanes, round, index, advance }: StepInput): Promise<RoundResult> {
  if (!('targets' in step)) return { done: [], failed: [] };
  const parts = chunks(step.targets as never[], largestInline).map((targets) => ({ ...step, targets }));
  let finished = 0;
  const results = await mapBounded(parts, parts.length, async (part) => {
    const number = parts.indexOf(part);
    const result = await wf.executeChild<typeof batch>('batch', {
      workflowId: batchWorkflowId({ cluster: mandate.cluster, epoch: mandate.epoch, round, step: index, number }),
      args: [{ step: part, mandate, lanes: Math.max(1, Math.floor(lanes / parts.length)) }],
      staticSummary: describeStep(part),
      parentClosePolicy: 'REQUEST_CANCEL',
    });
    finished += nodesOf(part).length;
    advance(finished);
    return result;
  });
  return collect(step, results);
}

function asideForAll(step: Step, { code, message }: Complaint): SetAside[] {
  return nodesOf(step).map((node) => ({ step: step.kind, node, code, because: message }));
}

function collect(step: Step, results: PromiseSettledResult<RoundResult>[]): RoundResult {
  const all: RoundResult = { done: [], failed: [] };
  for (const result of results) {
    if (result.status === 'rejected') {
      const complaint = complaintOf(result.reason);
      all.failed.push({ title: describeStep(step), complaint, aside: asideForAll(step, complaint) });
      continue;
    }
    all.done.push(...result.value.done);
    all.failed.push(...result.value.failed);
  }
  return all;
}

function chunks<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
