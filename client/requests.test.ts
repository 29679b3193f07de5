import type { Client } from '@temporalio/client';
import { expect, test } from 'vitest';
import { startCampaign } from './campaign.ts';
import { askToReconcile } from './requests.ts';

/** A client of Temporal that notes how workflows are to be started. */
function noting() {
  const starts: { workflowId?: string; workflowIdConflictPolicy?: string }[] = [];
  const workflow = {
    executeUpdateWithStart: async (
      _update: unknown,
      { startWorkflowOperation }: { startWorkflowOperation: Started },
    ) => {
      starts.push(startWorkflowOperation.options);
      return { ticket: 1 };
    },
    start: async (_type: string, options: Started['options']) => void starts.push(options),
  };
  const connection = { withDeadline: (_deadline: unknown, call: () => unknown) => call() };
  return { starts, client: { workflow, connection } as unknown as Client };
}

interface Started {
  options: { workflowId?: string; workflowIdConflictPolicy?: string };
}

test('an entity that runs is asked, and never ended or doubled (E-01)', async () => {
  const { client, starts } = noting();
  const request = { requestedBy: 'alice', because: 'a test' };
  await askToReconcile(client, { cluster: 'demo', request, onNoWorker: () => undefined });
  expect(starts).toMatchObject([{ workflowId: 'cluster/demo', workflowIdConflictPolicy: 'USE_EXISTING' }]);
});

test('a campaign that runs is found, and never ended or doubled (E-01)', async () => {
  const { client, starts } = noting();
  await startCampaign(client, 'replaceNode', { cluster: 'demo', workflowId: 'one', input: {}, summary: 'a test' });
  expect(starts).toMatchObject([{ workflowId: 'one', workflowIdConflictPolicy: 'USE_EXISTING' }]);
});
