import * as wf from '@temporalio/workflow';
import type { Decision } from '../activities/contracts/operations.ts';
import { servedBy } from '../cluster/approval.ts';
import { describeStep } from '../cluster/steps/describe-step.ts';
import type { OperationReport, Plan } from '../cluster/plan.ts';
import { progress, searchAttributes, type OperationProgress, type ReconcileRequest } from './contracts.ts';
import { describeProgress } from './details.ts';
import { lookingActivities } from './proxies.ts';
import { runRound, type UnitDone, type UnitFailure } from './round.ts';

/** How often, and how long, an operation looks again while it only waits: ends sooner than a person loses patience. */
const waitSeconds = 1;
const longestWait = 25;

/** A bound on rounds for one run of this workflow, so that its history stays short. */
const roundsPerRun = 40;

export interface ReconcileInput extends ReconcileRequest {
  cluster: string;
  /** Carried over continue-as-new. */
  carried?: { epoch: number; round: number; done: string[]; failed: UnitFailure[]; spent?: string[] };
}

export interface ReconcileResult {
  report: OperationReport;
  intervalSeconds: number;
  /** RFC 3339: whatever happened before is covered by the report. */
  observedAt: string;
  /** Who wants to be told what; absent where nobody does. */
  webhooks?: Decision['webhooks'];
}

/**
 * Brings a cluster to its declaration: observe, decide, run the round's steps, again, until nothing safe is left to do. Started by
 * the cluster's entity only, with a fixed id, which is the lock; ends converged, waiting, blocked, failed or paused.
 */
export async function reconcile(input: ReconcileInput): Promise<ReconcileResult> {
  const { cluster } = input;
  const state = { round: 0, done: [] as string[], failed: [] as UnitFailure[], ...input.carried };
  const seen: OperationProgress = {
    round: state.round,
    phase: 'prepare',
    running: [],
    done: state.done,
    blockers: [],
    waits: [],
  };
  wf.setHandler(progress, () => seen);

  let epoch = input.carried?.epoch;
  let decision: Decision;
  let spent = input.carried?.spent ?? [];
  for (let waited = 0, rounds = 0; ; rounds += 1) {
    const setAside = state.failed.flatMap(({ aside }) => aside);
    const { requestedBy, planned } = input;
    const known = epoch === undefined ? { ...(planned && { planned }) } : { epoch };
    decision = await lookingActivities.observeAndDecide({ cluster, ...known, setAside, requestedBy, spent });
    const { plan } = decision;
    epoch = decision.epoch;
    spent = [];
    state.round += 1;
    const { phase, blockers, waits, pending = [] } = plan;
    Object.assign(seen, { round: state.round, phase, blockers, waits, pending });
    show(cluster, seen);
    if (decision.paused) break;
    if (plan.steps.length === 0) {
      // A person's yes may take a day: it is not waited for under the lock.
      if (waits.every(({ until }) => until === 'approval') || waited >= longestWait) break;
      await wf.sleep(waitSeconds * 1000, { summary: `waiting for ${plan.waits[0]?.on}` });
      waited += waitSeconds;
      continue;
    }
    waited = 0;
    wf.upsertSearchAttributes([{ key: searchAttributes.phase, value: plan.phase }]);
    // What was done is added to `seen.done`, which is `state.done`, as it happens.
    const { done, failed } = await runRound({ cluster, decision, seen, show: () => show(cluster, seen) });
    spent = servedBy(plan.steps, kindsOf(failed));
    state.failed.push(...failed, ...done.filter((unit) => isFruitless(unit, state.done)).map(fruitless));
    if (rounds >= roundsPerRun) await continueLater(input, { ...state, epoch, spent });
  }
  return conclude({ input, decision, state });
}

/** A unit that is done again and again in one operation changes nothing: something undoes it, or the look does not see it. */
const mostRepeats = 3;

function isFruitless({ title, aside }: UnitDone, all: string[]): boolean {
  // A drain asks the same pods again and again on purpose, and has a limit of its own.
  return aside.step !== 'drain-node' && all.filter((known) => known === title).length > mostRepeats;
}

function fruitless({ title, aside }: UnitDone): UnitFailure {
  const message = `${title}: done ${mostRepeats + 1} times, and still wanted`;
  const fix = 'cke-client history shows what happened; something else may be undoing it';
  const complaint = { code: 'NotHealthy' as const, message, fix, remedy: 'retry' as const };
  return { title, complaint, aside: [{ ...aside, code: complaint.code, because: message, fix }] };
}

const kindsOf = (failed: UnitFailure[]) => new Set(failed.flatMap(({ aside }) => aside.map(({ step }) => step)));

async function continueLater(input: ReconcileInput, carried: NonNullable<ReconcileInput['carried']>): Promise<never> {
  return wf.continueAsNew<typeof reconcile>({ ...input, carried: { ...carried, done: carried.done.slice(-100) } });
}

interface Conclusion {
  input: ReconcileInput;
  decision: Decision;
  state: { round: number; done: string[]; failed: UnitFailure[] };
}

async function conclude({ input, decision, state }: Conclusion): Promise<ReconcileResult> {
  const { plan } = decision;
  const report: OperationReport = {
    outcome: outcomeOf(decision, state.failed),
    rounds: state.round,
    done: state.done.slice(-100),
    failed: state.failed
      .slice(-100)
      .map(({ title, complaint }) => ({ step: title, code: complaint.code, message: complaint.message })),
    blockers: plan.blockers,
    waits: plan.waits,
    ...(plan.pending && { pending: plan.pending }),
    ...(plan.expiring && { expiring: plan.expiring }),
    ...(decision.paused && nextOf(plan)),
    revision: decision.revision,
    epoch: decision.epoch,
  };
  // A death that the engine repaired by itself, before anybody came, is told all the same.
  const nothingHappened = report.outcome === 'converged' && report.done.length === 0 && input.requestedBy !== 'event';
  if (!nothingHappened) {
    wf.upsertSearchAttributes([{ key: searchAttributes.outcome, value: report.outcome }]);
    await lookingActivities.finishOperation({
      cluster: input.cluster,
      requestedBy: input.requestedBy,
      because: input.because,
      report,
    });
  }
  const { intervalSeconds, observedAt, webhooks } = decision;
  return { report, intervalSeconds, observedAt, ...(webhooks && { webhooks }) };
}

/** What a pause holds up, for the person who ends it. */
function nextOf({ steps: [next] }: Plan): Pick<OperationReport, 'nextStep'> {
  return next === undefined ? {} : { nextStep: describeStep(next) };
}

function outcomeOf({ paused, plan }: Decision, failed: UnitFailure[]): OperationReport['outcome'] {
  if (paused) return 'paused';
  if (failed.length > 0) return 'failed';
  if (plan.blockers.length > 0) return 'blocked';
  return plan.waits.length > 0 || plan.pending !== undefined ? 'waiting' : 'converged';
}

function show(cluster: string, seen: OperationProgress): void {
  wf.setCurrentDetails(describeProgress(cluster, seen));
}
