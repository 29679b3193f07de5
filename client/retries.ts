import { type Client, defaultPayloadConverter, WorkflowNotFoundError } from '@temporalio/client';
import { firstLine } from './failure.ts';
import { inClear, type PendingActivity } from './failures-in-clear.ts';
import { operationWorkflowId } from '../workflows/contracts.ts';

/** A step that failed and is being tried again: what an operator would otherwise only see in the Web UI. */
export interface Retry {
  /** What failed, for people. */
  because: string;
  code: string;
  fix?: string;
  /** How often it was tried so far. */
  attempts: number;
  /** How many steps say the same. */
  steps: number;
}

/** Batches of a large step have histories of their own: more than these are not looked into. */
const MOST_BATCHES = 5;
const ASK_MS = 5000;

type Described = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>['raw'];

/** What the running operation is trying again, the same reason once. Empty while none runs. */
export async function askRetries(client: Client, cluster: string): Promise<Retry[]> {
  return client.connection.withDeadline(Date.now() + ASK_MS, async () => {
    const operation = await described(client, operationWorkflowId(cluster));
    const batches = (operation?.pendingChildren ?? []).slice(0, MOST_BATCHES);
    const parts = await Promise.all(batches.map(({ workflowId }) => described(client, workflowId ?? '')));
    const pending = [operation, ...parts].flatMap((part) => part?.pendingActivities ?? []);
    return retriesOf(await inClear(client, pending));
  });
}

async function described(client: Client, workflowId: string): Promise<Described | undefined> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).raw;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Pure. Activities that failed at least once, grouped by what they say. */
export function retriesOf(activities: PendingActivity[]): Retry[] {
  const failed = activities.filter(({ lastFailure }) => lastFailure !== null && lastFailure !== undefined);
  const groups = Object.values(Object.groupBy(failed, ({ lastFailure }) => lastFailure?.message ?? ''));
  return groups.flatMap((group = []) => {
    const [first] = group;
    return first === undefined ? [] : [retryOf(first, group)];
  });
}

function retryOf({ lastFailure, activityType }: PendingActivity, group: PendingActivity[]): Retry {
  const application = lastFailure?.applicationFailureInfo;
  const fix = fixIn(application?.details?.payloads?.[0]);
  return {
    because: firstLine(lastFailure?.message ?? '') || `${activityType?.name ?? 'a step'} did not end in time`,
    code: application?.type ?? 'NotHealthy',
    ...(fix !== undefined && { fix }),
    attempts: Math.max(...group.map(({ attempt }) => attempt ?? 1)) - 1,
    steps: group.length,
  };
}

type Payload = Parameters<typeof defaultPayloadConverter.fromPayload>[0];

/** Workers put the rest of the complaint into the details of the failure. */
function fixIn(payload: Payload | undefined): string | undefined {
  if (payload === undefined) return undefined;
  const rest: unknown = defaultPayloadConverter.fromPayload(payload);
  return typeof rest === 'object' && rest !== null && 'fix' in rest && typeof rest.fix === 'string'
    ? rest.fix
    : undefined;
}

/** One line, the cure below. */
export function retryText({ because, code, fix, attempts, steps }: Retry): string {
  const where = steps === 1 ? '' : `, in ${steps} steps`;
  const line = `${because} (${code}; tried ${attempts === 1 ? 'once' : `${attempts} times`}${where})`;
  return fix === undefined ? line : `${line}\n    fix  ${fix}`;
}
