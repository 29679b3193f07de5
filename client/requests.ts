import { randomUUID } from 'node:crypto';
import {
  type Client,
  QueryRejectedError,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { PendingApproval } from '../cluster/approval.ts';
import { about } from '../workflows/about.ts';
import {
  approve,
  clusterWorkflowId,
  type ClusterStatus,
  type Judgement,
  operationWorkflowId,
  type OperationProgress,
  progress,
  type ReconcileRequest,
  reject,
  requestReconcile,
  rotationProgress,
  type RotationProgress,
  rotationWorkflowId,
  searchAttributes,
  status,
  taskQueue,
  wake,
} from '../workflows/contracts.ts';
import { demandWorker, noWorker } from './temporal.ts';

/** How long one attempt to have a request accepted may take. */
const ACCEPT_MS = 10_000;
/** An answer is put on record before it is accepted. */
const ANSWER_MS = 20_000;
/** Until a worker that is starting has to be there. */
const WORKER_MS = 60_000;
const QUERY_MS = 5000;

/** The entity of a cluster as update-with-start wants it: started when there is none, left alone otherwise. */
type ClusterWorkflow = (input: { cluster: string }) => Promise<void>;

interface Asking {
  cluster: string;
  request: ReconcileRequest;
  /** Called once when a first attempt found no worker. */
  onNoWorker: (message: string) => void;
}

/**
 * Asks the cluster's entity to reconcile now, starting it if need be. Returns the ticket to wait for. A worker that is just
 * starting is waited for.
 * @throws CkeError TemporalUnavailable when no worker accepts it within a minute
 */
export async function askToReconcile(client: Client, { cluster, request, onNoWorker }: Asking): Promise<number> {
  const updateId = randomUUID();
  const giveUpAt = Date.now() + WORKER_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await askOnce(client, { cluster, request, updateId });
    } catch (error) {
      if (!(error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)) throw error;
      if (Date.now() > giveUpAt) throw noWorker();
      if (attempt === 1) onNoWorker(`no worker picked this up yet; waiting up to ${WORKER_MS / 1000} s for one`);
    }
  }
}

interface Question {
  cluster: string;
  request: ReconcileRequest;
  /** The same for each attempt: it is done once. */
  updateId: string;
}

async function askOnce(client: Client, { cluster, request, updateId }: Question): Promise<number> {
  const startWorkflowOperation = new WithStartWorkflowOperation<ClusterWorkflow>('clusterWorkflow', {
    workflowId: clusterWorkflowId(cluster),
    workflowIdConflictPolicy: 'USE_EXISTING',
    taskQueue,
    args: [{ cluster }],
    staticSummary: `cluster ${cluster}`,
    staticDetails: about.cluster,
    typedSearchAttributes: [{ key: searchAttributes.cluster, value: cluster }],
  });
  const { ticket } = await client.connection.withDeadline(Date.now() + ACCEPT_MS, () =>
    client.workflow.executeUpdateWithStart(requestReconcile, { args: [request], updateId, startWorkflowOperation }),
  );
  return ticket;
}

/** Undefined when the entity does not run: nothing was reconciled yet, or a person ended it in Temporal. */
export async function askStatus(client: Client, cluster: string): Promise<ClusterStatus | undefined> {
  return ask(client, () => client.workflow.getHandle(clusterWorkflowId(cluster)).query(status));
}

/** Undefined while no operation runs. */
export async function askProgress(client: Client, cluster: string): Promise<OperationProgress | undefined> {
  return ask(client, () => client.workflow.getHandle(operationWorkflowId(cluster)).query(progress));
}

/** Undefined while no campaign goes on. */
export async function askRotationProgress(
  client: Client,
  { cluster, of }: { cluster: string; of: string },
): Promise<RotationProgress | undefined> {
  return ask(client, () => client.workflow.getHandle(rotationWorkflowId(cluster, of)).query(rotationProgress));
}

async function ask<T>(client: Client, query: () => Promise<T>): Promise<T | undefined> {
  try {
    return await client.connection.withDeadline(Date.now() + QUERY_MS, query);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || error instanceof QueryRejectedError) return undefined;
    throw error;
  }
}

/**
 * Gives the entity a person's answer to a question.
 * @throws WorkflowUpdateFailedError around ApprovalRefused, which says what speaks against it
 */
export async function tellAnswer(
  client: Client,
  cluster: string,
  { answer, ...judgement }: Judgement & { answer: 'approve' | 'reject' },
): Promise<PendingApproval> {
  await demandWorker(client);
  const options = { args: [judgement] as [Judgement], updateId: randomUUID() };
  return client.connection.withDeadline(Date.now() + ANSWER_MS, () =>
    client.workflow
      .getHandle(clusterWorkflowId(cluster))
      .executeUpdate(answer === 'approve' ? approve : reject, options),
  );
}

/** Tells the entity that a record changed. False when it does not run: then there is nobody to tell. */
export async function wakeCluster(client: Client, cluster: string, because: string): Promise<'woken' | 'not running'> {
  try {
    await client.connection.withDeadline(Date.now() + QUERY_MS, () =>
      client.workflow.getHandle(clusterWorkflowId(cluster)).signal(wake, { because }),
    );
    return 'woken';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'not running';
    throw error;
  }
}
