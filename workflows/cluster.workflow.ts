import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import * as wf from '@temporalio/workflow';
import { newsOf, storiesOf, type Told } from '../cluster/notification.ts';
import type { OperationReport } from '../cluster/plan.ts';
import type { PlannedChange } from '../cluster/saved-plan.ts';
import { about } from './about.ts';
import { answerQuestion, demandQuestion, type Woken } from './approvals.ts';
import {
  approve,
  operationWorkflowId,
  reject,
  requestReconcile,
  searchAttributes,
  status,
  wake,
  watchWorkflowId,
  type ClusterStatus,
} from './contracts.ts';
import { describeCluster } from './details.ts';
import { complaintOf } from './failures.ts';
import { demandNoOtherPlan } from './saved-plans.ts';
import { tell } from './tell.ts';
import { reconcile, type ReconcileResult } from './reconcile.workflow.ts';
import { watch } from './watch.workflow.ts';

/** Before the first operation has read the declaration's own. */
const firstIntervalSeconds = 60;

/** After an operation that did not converge: soon at first, then less and less often, never less than the interval. */
const firstRetrySeconds = 5;

export interface ClusterInput {
  cluster: string;
  /** Carried over continue-as-new. */
  carried?: ClusterState;
}

interface ClusterState extends ClusterStatus {
  requestedBy: string;
  /** Operations in a row that did not converge. */
  setbacks: number;
  woken?: Woken;
  /** For the next operation. */
  planned?: PlannedChange;
  /** Who wants to be told what, as of the last look. */
  webhooks?: ReconcileResult['webhooks'];
  told?: Told;
}

/**
 * One per cluster, for ever: decides when to reconcile (a person asks, something happens, time goes by) and runs one operation at a
 * time as its child. Never touches a host. Id `cluster/<name>`; started by cke-client; continues as new when its history is long.
 */
export async function clusterWorkflow({ cluster, carried }: ClusterInput): Promise<void> {
  const state = carried ?? newState(cluster);
  wf.setHandler(status, () => statusOf(state), {
    description: 'What the cluster is doing, and how the last operation ended',
  });
  wf.setHandler(
    requestReconcile,
    (request) => {
      state.requestedTicket += 1;
      Object.assign(state, request);
      return { ticket: state.requestedTicket };
    },
    { validator: (request) => demandNoOtherPlan(state, request) },
  );
  wf.setHandler(wake, ({ because }) => {
    state.woken = { at: Date.now(), because, by: 'event' };
  });

  wf.setHandler(approve, (judgement) => answerQuestion(state, 'approved', judgement), {
    validator: (judgement) => demandQuestion(state, judgement),
  });
  wf.setHandler(reject, (judgement) => answerQuestion(state, 'rejected', judgement), {
    validator: (judgement) => demandQuestion(state, judgement),
  });

  await startWatch(cluster);
  while (!wf.workflowInfo().continueAsNewSuggested) {
    wf.setCurrentDetails(describeCluster(state));
    await wf.condition(() => isWanted(state), restSeconds(state) * 1000, {
      summary: 'next look at the cluster',
    });
    Object.assign(state, causeOf(state));
    await operate(state);
    if (isDestroyed(state)) break;
  }
  await wf.condition(wf.allHandlersFinished);
  if (isDestroyed(state)) return endWatch(cluster);
  await wf.continueAsNew<typeof clusterWorkflow>({ cluster, carried: state });
}

function newState(cluster: string): ClusterState {
  return {
    cluster,
    state: 'idle',
    requestedTicket: 0,
    completedTicket: 0,
    because: 'the cluster is new',
    requestedBy: 'nobody',
    intervalSeconds: firstIntervalSeconds,
    setbacks: 0,
  };
}

/** Somebody asked for a cluster that is being taken apart, or that is gone: there is nothing to keep. */
const isDestroyed = ({ lastReport }: ClusterState): boolean =>
  lastReport?.failed.some(({ code }) => code === 'ClusterDestroyed') ?? false;

const isWanted = (state: ClusterState): boolean =>
  state.requestedTicket > state.completedTicket || state.woken !== undefined;

/** Why the next operation runs: a person's wish comes before what has happened, and that before the time that has passed. */
function causeOf({ requestedTicket, completedTicket, woken }: ClusterState): Partial<ClusterState> {
  if (requestedTicket > completedTicket) return {};
  if (woken) return { because: woken.because, requestedBy: woken.by };
  return { because: 'the interval has passed', requestedBy: 'timer' };
}

function restSeconds({ lastReport, intervalSeconds, setbacks }: ClusterState): number {
  if (lastReport === undefined || lastReport.outcome === 'converged' || lastReport.outcome === 'paused')
    return intervalSeconds;
  return Math.min(intervalSeconds, firstRetrySeconds * 2 ** Math.min(setbacks - 1, 10));
}

async function operate(state: ClusterState): Promise<void> {
  const { cluster, because, requestedBy, requestedTicket, planned } = state;
  delete state.planned;
  Object.assign(state, { state: 'reconciling', runningSince: new Date().toISOString() });
  wf.setCurrentDetails(describeCluster(state));
  try {
    const { report, intervalSeconds, observedAt, webhooks } = await wf.executeChild(reconcile, {
      workflowId: operationWorkflowId(cluster),
      args: [{ cluster, because, requestedBy, ...(planned && { planned }) }],
      parentClosePolicy: 'REQUEST_CANCEL',
      staticSummary: `reconcile ${cluster}: ${because}`,
      staticDetails: about.operation,
      typedSearchAttributes: [{ key: searchAttributes.cluster, value: cluster }],
    });
    Object.assign(state, { lastReport: report, intervalSeconds, webhooks });
    if ((state.woken?.at ?? 0) <= Date.parse(observedAt)) delete state.woken;
  } catch (error) {
    if (wf.CancellationScope.current().consideredCancelled) throw error;
    state.lastReport = failedReport(error, state.lastReport);
    delete state.woken;
  }
  state.setbacks = state.lastReport?.outcome === 'converged' ? 0 : state.setbacks + 1;
  Object.assign(state, {
    state: 'idle',
    completedTicket: requestedTicket,
    lastFinishedAt: new Date().toISOString(),
  });
  delete state.runningSince;
  await tellNews(state);
}

/** What has changed of the story goes to the webhooks. */
async function tellNews(state: ClusterState): Promise<void> {
  const { cluster, lastReport, webhooks = [] } = state;
  if (webhooks.length === 0 || lastReport === undefined) return;
  if (lastReport.outcome === 'paused' || lastReport.outcome === 'cancelled') return;
  const { news: stories, told } = newsOf(storiesOf(cluster, lastReport), state.told ?? {});
  state.told = told;
  await tell({ cluster, stories, webhooks });
}

/** The operation itself broke, or a person cancelled it: the cluster goes on, and says so. */
function failedReport(error: unknown, last: OperationReport | undefined): OperationReport {
  const outcome = wf.isCancellation(error) ? 'cancelled' : 'failed';
  const { code, message } = complaintOf(error);
  const failed = outcome === 'failed' ? [{ step: 'reconcile', code, message }] : [];
  return {
    outcome,
    rounds: 0,
    done: [],
    failed,
    blockers: [],
    waits: [],
    revision: last?.revision ?? 0,
    epoch: last?.epoch ?? 0,
  };
}

function statusOf({
  requestedBy: _requestedBy,
  setbacks: _setbacks,
  woken: _woken,
  planned: _planned,
  webhooks: _webhooks,
  told: _told,
  ...shown
}: ClusterState): ClusterStatus {
  return shown;
}

async function endWatch(cluster: string): Promise<void> {
  await wf
    .getExternalWorkflowHandle(watchWorkflowId(cluster))
    .cancel()
    .catch(() => undefined);
}

/** The watch outlives continue-as-new of the entity on purpose; a running one is left alone. */
async function startWatch(cluster: string): Promise<void> {
  try {
    await wf.startChild(watch, {
      workflowId: watchWorkflowId(cluster),
      args: [{ cluster }],
      parentClosePolicy: 'ABANDON',
      staticSummary: `watch ${cluster}: Docker events and records`,
      staticDetails: about.watch,
      typedSearchAttributes: [{ key: searchAttributes.cluster, value: cluster }],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
