import { type Client, ScheduleNotFoundError } from '@temporalio/client';

/** Ends what a Temporal Schedule starts by the clock; one that is not there is fine. */
export async function deleteSchedule(client: Client, id: string): Promise<void> {
  try {
    await client.schedule.getHandle(id).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
