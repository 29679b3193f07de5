import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, type Client, type WorkflowHandle } from '@temporalio/client';
import type { ServerOutcome } from '../activities/contracts/access.ts';
import type { FileCheck, RestoreOrder } from '../activities/contracts/operations.ts';
import type { CertificatesView, Scope } from '../cluster/certificates/view.ts';
import type { EtcdUser } from '../cluster/etcd/user.ts';
import type { PlanPreview } from '../cluster/saved-plan.ts';
import type { ClusterView } from '../cluster/view.ts';
import { searchAttributes, taskQueue } from '../workflows/contracts.ts';
import { inClear } from './failures-in-clear.ts';
import { type Retry, retriesOf } from './retries.ts';
import { demandWorker, noWorker } from './temporal.ts';

/** How long a look may take before it is asked what keeps it. */
const PATIENCE_MS = 10_000;
/** A look at a cluster with many unreachable nodes waits for their deadlines. */
const LOOK_MS = 120_000;

/** What would be done: for `text`, or for the accepted declaration. Nothing is changed. */
export async function askPlan(client: Client, input: { cluster: string; text?: string }): Promise<PlanPreview> {
  return look<PlanPreview>(client, { type: 'planWorkflow', id: `cluster/${input.cluster}/plan`, input });
}

/** One look at every node. Nothing is changed. */
export async function askView(client: Client, cluster: string): Promise<ClusterView> {
  return look<ClusterView>(client, { type: 'observeWorkflow', id: `cluster/${cluster}/observe`, input: { cluster } });
}

/** The certificates that nodes hold. Nothing is changed. */
export async function askCertificates(client: Client, input: { cluster: string } & Scope): Promise<CertificatesView> {
  return look<CertificatesView>(client, {
    type: 'certificatesWorkflow',
    id: `cluster/${input.cluster}/certificates/list`,
    input,
  });
}

/** Compares the files on the nodes with what was installed. */
export async function askFileCheck(client: Client, input: { cluster: string; node?: string }): Promise<FileCheck[]> {
  return look<FileCheck[]>(client, {
    type: 'checkFilesWorkflow',
    id: `cluster/${input.cluster}/certificates/check`,
    input,
  });
}

/** Has every server take another SSH key up, or the old one out; what became of each. */
export async function askSshKeyChange(
  client: Client,
  input: { cluster: string; change: 'authorise' | 'withdraw' },
): Promise<ServerOutcome[]> {
  return look<ServerOutcome[]>(client, { type: 'sshKeyWorkflow', id: `cluster/${input.cluster}/ssh-key`, input });
}

/** Makes a user of the cluster's etcd, or finishes one that was left half done. */
export async function askForEtcdUser(client: Client, input: { cluster: string } & EtcdUser): Promise<void> {
  await look<void>(client, { type: 'etcdUserWorkflow', id: `cluster/${input.cluster}/etcd-user`, input });
}

/** Has it put on record that etcd begins anew with the data of a snapshot. */
export async function askToRestore(client: Client, input: RestoreOrder): Promise<void> {
  await look<void>(client, { type: 'restoreEtcdWorkflow', id: `cluster/${input.cluster}/restore`, input });
}

async function look<T>(client: Client, question: { type: string; id: string; input: { cluster: string } }): Promise<T> {
  await demandWorker(client);
  const handle = await client.workflow.start<(input: { cluster: string }) => Promise<T>>(question.type, {
    workflowId: `${question.id}/${randomUUID().slice(0, 8)}`,
    taskQueue,
    args: [question.input],
    workflowExecutionTimeout: LOOK_MS,
    typedSearchAttributes: [{ key: searchAttributes.cluster, value: question.input.cluster }],
  });
  const result = client.connection.withDeadline(Date.now() + LOOK_MS, () => handle.result());
  await Promise.race([result.catch(() => undefined), sleep(PATIENCE_MS, undefined, { ref: false })]);
  await demandProgress(client, handle);
  return result;
}

type Looking = Pick<WorkflowHandle, 'describe' | 'terminate'>;

/**
 * A look that has not ended by now: nobody began it (two events: then there is no use in waiting), or it is tried again and
 * again, and its reason is the answer.
 */
async function demandProgress(client: Client, handle: Looking): Promise<void> {
  const { historyLength, status, raw } = await handle.describe();
  if (status.name !== 'RUNNING') return;
  const [retry] = retriesOf(await inClear(client, raw.pendingActivities ?? []));
  if (historyLength > 2 && retry === undefined) return;
  await handle.terminate('nobody waits for it any longer');
  throw retry === undefined ? noWorker() : failureOf(retry);
}

function failureOf({ because, code, fix }: Retry): ApplicationFailure {
  const rest = { code, remedy: 'retry', ...(fix !== undefined && { fix }) };
  return ApplicationFailure.create({ message: because, type: code, details: [rest] });
}
