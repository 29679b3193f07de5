import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy, type ScheduleSpec } from '@temporalio/client';
import { deleteSchedule } from '../activities/schedules.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import { about } from '../workflows/about.ts';
import { backupWorkflowId, searchAttributes, taskQueue, vaultWorkflowId } from '../workflows/contracts.ts';

type Scheduled = (input: { cluster: string }) => Promise<unknown>;

/** What is to run by the clock for a cluster. Each is a Temporal Schedule, to be seen, paused and started by hand in the Web UI. */
interface Plan {
  cluster: string;
  /** Of the schedule; its runs' ids begin with it. */
  id: string;
  workflowType: string;
  spec: ScheduleSpec;
  summary: string;
  details: string;
  note: string;
}

/** Makes sure of everything that runs by the clock for a declared cluster. */
export async function ensureSchedules(client: Client, declaration: Declaration): Promise<void> {
  await ensureVaultSchedule(client, declaration.name);
  await ensureBackupSchedule(client, declaration);
}

/** Makes sure of the daily upkeep of a cluster in Vault. One that is there is left as people have set it. */
export async function ensureVaultSchedule(client: Client, cluster: string): Promise<'made' | 'there'> {
  return make(client, {
    cluster,
    id: vaultWorkflowId(cluster),
    workflowType: 'vaultUpkeep',
    spec: { intervals: [{ every: '1 day' }], jitter: '1 hour' },
    summary: `daily upkeep of Vault for ${cluster}`,
    details: about.vault,
    note: 'expired certificates are dropped, and the secret-id of the worker is exchanged before it ends',
  });
}

/** Brings the schedule of backups to what is declared: nothing declared, no schedule. A person's pause of it stays. */
async function ensureBackupSchedule(
  client: Client,
  { name: cluster, etcd_backup: wanted }: Declaration,
): Promise<void> {
  const id = backupWorkflowId(cluster);
  if (wanted === undefined) return deleteSchedule(client, id);
  const spec = { cronExpressions: [wanted.schedule] };
  const made = await make(client, {
    cluster,
    id,
    workflowType: 'backUpEtcd',
    spec,
    summary: `backup of etcd of ${cluster}`,
    details: about.backup,
    note: `etcd_backup.schedule of the declaration: ${wanted.schedule} (UTC)`,
  });
  if (made === 'there') await client.schedule.getHandle(id).update((before) => ({ ...before, spec }));
}

async function make(client: Client, { cluster, id, workflowType, ...plan }: Plan): Promise<'made' | 'there'> {
  try {
    await client.schedule.create<Scheduled>({
      scheduleId: id,
      spec: plan.spec,
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 day' },
      action: {
        type: 'startWorkflow',
        workflowType,
        workflowId: id,
        taskQueue,
        args: [{ cluster }],
        workflowExecutionTimeout: '1 day',
        staticSummary: plan.summary,
        staticDetails: plan.details,
        typedSearchAttributes: [{ key: searchAttributes.cluster, value: cluster }],
      },
      state: { note: plan.note },
    });
    return 'made';
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return 'there';
    throw error;
  }
}
