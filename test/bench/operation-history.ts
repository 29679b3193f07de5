import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { decodeOptionalSinglePayload } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import type { Decision } from '../../activities/contracts/operations.ts';
import { operationWorkflowId } from '../../workflows/contracts.ts';

export interface ActivityRun {
  name: string;
  /** Milliseconds since 1970. */
  scheduledAt: number;
  endedAt: number;
  outcome: 'completed' | 'failed';
  decision: Decision | undefined;
  /** What it was about, where that is one component on one node. */
  place: { node?: string; component?: string };
}

export interface OperationHistory {
  events: number;
  /** From the start of the workflow to its end. */
  milliseconds: number;
  activities: ActivityRun[];
}

type Events = NonNullable<Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>['events']>;

/** What Temporal has on record of a cluster's last operation. */
export async function lastOperation(client: Client, cluster: string): Promise<OperationHistory> {
  return read(client, { workflowId: operationWorkflowId(cluster) });
}

/** The operations that began at `since` (milliseconds since 1970) or later, in order. */
export async function operationsSince(client: Client, cluster: string, since: number): Promise<OperationHistory[]> {
  const query = `WorkflowId = "${operationWorkflowId(cluster)}" AND StartTime >= "${new Date(since).toISOString()}"`;
  const runs: { workflowId: string; runId: string; startTime: Date }[] = [];
  for await (const run of client.workflow.list({ query })) runs.push(run);
  const ordered = runs.sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
  return Promise.all(ordered.map((run) => read(client, run)));
}

async function read(client: Client, run: { workflowId: string; runId?: string }): Promise<OperationHistory> {
  const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
  const events = history.events ?? [];
  return {
    events: events.length,
    milliseconds: timeOf(events.at(-1)) - timeOf(events[0]),
    activities: await activitiesOf(events, (payload) => decoded(client, payload)),
  };
}

const timeOf = (event: Events[number] | undefined): number => optionalTsToMs(event?.eventTime) ?? 0;

/** Payloads are encrypted. */
async function decoded(client: Client, payload: Payload | undefined): Promise<unknown> {
  return (await decodeOptionalSinglePayload(client.options.loadedDataConverter, payload)) ?? undefined;
}

async function activitiesOf(
  events: Events,
  decode: (payload: Payload | undefined) => Promise<unknown>,
): Promise<ActivityRun[]> {
  const scheduled = new Map(events.map((event) => [String(event.eventId), event]));
  const runs = events.map(async (event): Promise<ActivityRun[]> => {
    const completed = event.activityTaskCompletedEventAttributes;
    const ended = completed ?? event.activityTaskFailedEventAttributes;
    const begin = scheduled.get(String(ended?.scheduledEventId));
    if (!ended || !begin) return [];
    const name = begin.activityTaskScheduledEventAttributes?.activityType?.name ?? '';
    const [result] = completed?.result?.payloads ?? [];
    const decision = name === 'observeAndDecide' ? ((await decode(result)) as Decision | undefined) : undefined;
    const outcome = completed ? 'completed' : 'failed';
    const [input] = begin.activityTaskScheduledEventAttributes?.input?.payloads ?? [];
    const place = ((await decode(input)) ?? {}) as ActivityRun['place'];
    return [{ name, scheduledAt: timeOf(begin), endedAt: timeOf(event), outcome, decision, place }];
  });
  return (await Promise.all(runs)).flat();
}

export interface RoundTime {
  phase: string;
  looking: number;
  /** From the decision to the next look. */
  acting: number;
  steps: number;
}

/** The rounds of an operation, in order, with the milliseconds that each took. */
export function roundsOf({ activities }: OperationHistory): RoundTime[] {
  const looks = activities.filter(({ decision }) => decision !== undefined);
  return looks.map(({ scheduledAt, endedAt, decision }, index) => ({
    phase: decision?.plan.phase ?? '',
    looking: endedAt - scheduledAt,
    acting: (looks[index + 1]?.scheduledAt ?? endedAt) - endedAt,
    steps: decision?.plan.steps.length ?? 0,
  }));
}
