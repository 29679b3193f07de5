import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { backupWorkflowId, vaultWorkflowId } from '../workflows/contracts.ts';

/** Ends what runs by the clock for a cluster; what is not there is fine. */
export async function deleteSchedules(client: Client, cluster: string): Promise<void> {
  for (const id of [vaultWorkflowId(cluster), backupWorkflowId(cluster)]) await deleteSchedule(client, id);
}

async function deleteSchedule(client: Client, id: string): Promise<void> {
  try {
    await client.schedule.getHandle(id).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
