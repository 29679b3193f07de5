import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { about } from '../workflows/about.ts';
import { searchAttributes, taskQueue, vaultWorkflowId } from '../workflows/contracts.ts';

type VaultUpkeep = (input: { cluster: string }) => Promise<unknown>;

/**
 * Makes sure of the daily upkeep of a cluster in Vault: a Temporal Schedule of the same id as its runs begin with, to be seen, paused
 * and started by hand in the Web UI. One that is there is left as people have set it.
 */
export async function ensureVaultSchedule(client: Client, cluster: string): Promise<'made' | 'there'> {
  try {
    await client.schedule.create<VaultUpkeep>({
      scheduleId: vaultWorkflowId(cluster),
      spec: { intervals: [{ every: '1 day' }], jitter: '1 hour' },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 day' },
      action: {
        type: 'startWorkflow',
        workflowType: 'vaultUpkeep',
        workflowId: vaultWorkflowId(cluster),
        taskQueue,
        args: [{ cluster }],
        workflowExecutionTimeout: '1 day',
        staticSummary: `daily upkeep of Vault for ${cluster}`,
        staticDetails: about.vault,
        typedSearchAttributes: [{ key: searchAttributes.cluster, value: cluster }],
      },
      state: { note: 'expired certificates are dropped, and the secret-id of the worker is exchanged before it ends' },
    });
    return 'made';
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return 'there';
    throw error;
  }
}
