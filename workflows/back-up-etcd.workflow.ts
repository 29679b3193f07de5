import * as wf from '@temporalio/workflow';
import type { BackupOutcome } from '../activities/contracts/operations.ts';
import { notifyWorkflowId, searchAttributes } from './contracts.ts';
import { complaintOf } from './failures.ts';
import { notify } from './notify.workflow.ts';
import { backupActivities } from './proxies.ts';

/**
 * Takes a snapshot of a cluster's etcd, verifies it and keeps it where the declaration says. Started by the Temporal Schedule
 * `cluster/<name>/backup`, which apply makes sure of, and by `cke-client etcd backup`. One that fails is put on record and told.
 */
export async function backUpEtcd({ cluster }: { cluster: string }): Promise<BackupOutcome> {
  try {
    return await backupActivities.backUpEtcd({ cluster });
  } catch (error) {
    if (wf.isCancellation(error)) throw error;
    await tellFailure(cluster, complaintOf(error).message);
    throw error;
  }
}

async function tellFailure(cluster: string, because: string): Promise<void> {
  const webhooks = await backupActivities.recordFailedBackup({ cluster, because });
  if (!webhooks.some(({ events }) => events.includes('failed'))) return;
  const story = {
    event: 'failed' as const,
    keys: ['backup'],
    title: `${cluster}: etcd was not backed up`,
    lines: [because],
  };
  await wf.startChild(notify, {
    workflowId: notifyWorkflowId(cluster, wf.uuid4().slice(0, 8)),
    args: [{ cluster, stories: [story], webhooks, at: new Date().toISOString() }],
    parentClosePolicy: 'ABANDON',
    staticSummary: `tell people: ${story.title}`,
    typedSearchAttributes: [{ key: searchAttributes.cluster, value: cluster }],
  });
}
