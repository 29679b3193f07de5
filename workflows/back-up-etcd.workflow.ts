import * as wf from '@temporalio/workflow';
import type { BackupOutcome } from '../activities/contracts/operations.ts';
import { complaintOf } from './failures.ts';
import { backupActivities } from './proxies.ts';
import { tell } from './tell.ts';

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
  const title = `${cluster}: etcd was not backed up`;
  await tell({ cluster, stories: [{ event: 'failed', keys: ['backup'], title, lines: [because] }], webhooks });
}
