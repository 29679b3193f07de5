import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { vaultWorkflowId } from '../workflows/contracts.ts';

/** Ends the daily upkeep of a cluster in Vault; one that is not there is fine. */
export async function deleteVaultSchedule(client: Client, cluster: string): Promise<void> {
  try {
    await client.schedule.getHandle(vaultWorkflowId(cluster)).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
