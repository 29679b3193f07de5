import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { searchAttributes, taskQueue } from '../workflows/contracts.ts';

interface CampaignOrder<Input> {
  cluster: string;
  workflowId: string;
  input: Input;
  /** One line for the Web UI. */
  summary: string;
  /** What such a campaign is, for the Web UI. */
  details?: string;
}

export type CampaignHandle<Input, Result> = WorkflowHandleWithFirstExecutionRunId<(input: Input) => Promise<Result>>;

/** Starts a campaign; one with this id that runs already is found instead, and goes on. */
export function startCampaign<Input, Result>(
  client: Client,
  type: string,
  { cluster, workflowId, input, summary, details }: CampaignOrder<Input>,
): Promise<CampaignHandle<Input, Result>> {
  return client.workflow.start<(input: Input) => Promise<Result>>(type, {
    workflowId,
    workflowIdConflictPolicy: 'USE_EXISTING',
    taskQueue,
    args: [input],
    staticSummary: summary,
    ...(details !== undefined && { staticDetails: details }),
    typedSearchAttributes: [{ key: searchAttributes.cluster, value: cluster }],
  });
}
