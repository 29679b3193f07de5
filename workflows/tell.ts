import * as wf from '@temporalio/workflow';
import type { Story, Subscription } from '../cluster/notification.ts';
import { notifyWorkflowId, searchAttributes } from './contracts.ts';
import { notify } from './notify.workflow.ts';

interface Telling {
  cluster: string;
  stories: Story[];
  webhooks: Subscription[];
}

/** Has stories told to the webhooks that want one of them, by a child that nobody waits for. */
export async function tell({ cluster, stories, webhooks }: Telling): Promise<void> {
  if (!stories.some(({ event }) => webhooks.some(({ events }) => events.includes(event)))) return;
  await wf.startChild(notify, {
    workflowId: notifyWorkflowId(cluster, wf.uuid4().slice(0, 8)),
    args: [{ cluster, stories, webhooks, at: new Date().toISOString() }],
    parentClosePolicy: 'ABANDON',
    staticSummary: `tell people: ${stories.map(({ title }) => title).join('; ')}`.slice(0, 200),
    typedSearchAttributes: [{ key: searchAttributes.cluster, value: cluster }],
  });
}
