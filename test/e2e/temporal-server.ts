import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { loadSettings } from '../../activities/settings.ts';
import { openVault } from '../../client/session.ts';
import { connectTemporal } from '../../client/temporal.ts';
import { operationWorkflowId } from '../../workflows/contracts.ts';
import { operationsSince } from '../bench/operation-history.ts';
import { cluster, lab, until } from './story.ts';

/** Talks to the lab's Temporal for as long as `use` takes. */
export async function withTemporal<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const settings = loadSettings(lab.paths.settings);
  const client = await connectTemporal(settings, openVault(settings));
  try {
    return await use(client);
  } finally {
    await client.connection.close();
  }
}

/** PENDING_ACTIVITY_STATE_STARTED */
const started = 2;

/** Types of the activities that a worker is carrying out for a workflow, the running operation by default; none when it does not run. */
export async function activitiesUnderWay(client: Client, workflowId = operationWorkflowId(cluster)): Promise<string[]> {
  try {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    const pending = raw.pendingActivities ?? [];
    return pending.flatMap(({ state, activityType }) => (Number(state) === started ? [activityType?.name ?? ''] : []));
  } catch {
    return [];
  }
}

/** Returns when the operation is in the middle of such an activity. */
export async function underWay(activity: string): Promise<void> {
  await withTemporal((client) =>
    until(`an activity ${activity}`, async () => (await activitiesUnderWay(client)).includes(activity) || undefined, {
      seconds: 180,
      everyMilliseconds: 10,
    }),
  );
}

/** Types of all activities that operations of the cluster have called since `since` (milliseconds since 1970). */
export function activitiesSince(since: number): Promise<string[]> {
  return withTemporal(async (client) => {
    const operations = await operationsSince(client, cluster, since);
    return [...new Set(operations.flatMap(({ activities }) => activities.map(({ name }) => name)))];
  });
}

/** Whether a Temporal Schedule of this id stands. */
export function hasSchedule(id: string): Promise<boolean> {
  return withTemporal(async (client) => {
    try {
      await client.schedule.getHandle(id).describe();
      return true;
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return false;
      throw error;
    }
  });
}
