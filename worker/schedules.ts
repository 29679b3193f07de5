import type { Client } from '@temporalio/client';
import { deleteSchedule } from '../activities/schedules.ts';
import { backupWorkflowId, vaultWorkflowId } from '../workflows/contracts.ts';

/** Ends what runs by the clock for a cluster; what is not there is fine. */
export async function deleteSchedules(client: Client, cluster: string): Promise<void> {
  for (const id of [vaultWorkflowId(cluster), backupWorkflowId(cluster)]) await deleteSchedule(client, id);
}
