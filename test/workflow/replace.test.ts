import { CancelledFailure, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { CkeError } from '../../cluster/errors.ts';
import { replaceWorkflowId, replacementProgress, type ReplaceNode } from '../../workflows/contracts.ts';
import type { replaceNode } from '../../workflows/index.ts';
import { record } from './record.ts';
import { perform } from './script.ts';
import { onStage, until, type Stage } from './stage.ts';

const goingOn = async () => ({ state: 'going on' as const, because: 'cp-2 is a member yet' });

/** `cke-client replace cp-2 --with …`, as the client starts it. */
async function replace({ client, cluster, taskQueue }: Stage) {
  return client.workflow.start<(input: ReplaceNode) => ReturnType<typeof replaceNode>>('replaceNode', {
    workflowId: replaceWorkflowId(cluster, 'cp-2'),
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    taskQueue,
    args: [{ cluster, old: 'cp-2', replacement: 'cp-7', text: 'declared', baseRevision: 1, by: 'alice' }],
  });
}

async function cancelled(handle: WorkflowHandle): Promise<void> {
  await handle.cancel();
  const ended = await handle.result().catch((error: unknown) => error);
  expect(ended).toBeInstanceOf(WorkflowFailedError);
  expect((ended as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
}

describe('a replacement that a person cancels', () => {
  test('before the declaration is accepted: nothing is accepted afterwards, and nobody reconciles', async () => {
    let asked = 0;
    const acceptDeclaration = async () => {
      asked += 1;
      throw new CkeError({ code: 'StoreUnavailable', message: 'the management etcd is away', remedy: 'retry' });
    };
    const performance = perform({ others: { acceptDeclaration, lookAtReplacement: goingOn } });
    await onStage('cancelled-early', performance, async (stage) => {
      const handle = await replace(stage);
      await until('an attempt', async () => (asked > 0 ? true : undefined));
      expect(await handle.query(replacementProgress)).toMatchObject({ stage: 'checking' });
      await cancelled(handle);
      const attempts = asked;
      await stage.done(await stage.request());
      expect(asked, 'tried again').toBe(attempts);
      expect(performance.looks, 'looks for another request than ours').toHaveLength(1);
    });
  });

  test('after that only its waiting ends: what was accepted is carried out', async () => {
    const acceptDeclaration = async () => ({ revision: 2 });
    const performance = perform({ others: { acceptDeclaration, lookAtReplacement: goingOn } });
    await onStage('cancelled-late', performance, async (stage) => {
      await stage.done(await stage.request());
      const handle = await replace(stage);
      await until('an operation because of it', async () => performance.looks[1]);
      expect(await handle.query(replacementProgress)).toMatchObject({ stage: 'reconciling', revision: 2 });
      await cancelled(handle);
      const { requestedTicket } = await stage.status();
      expect((await stage.done(requestedTicket)).lastReport?.outcome).toBe('converged');
      await record({
        type: 'replaceNode',
        name: 'cancelled-late',
        workflowId: replaceWorkflowId(stage.cluster, 'cp-2'),
      });
    });
  });
});

test('a replacement looks again until it is done', async () => {
  let looks = 0;
  const lookAtReplacement = async () => {
    looks += 1;
    return looks < 3 ? goingOn() : { state: 'done' as const, because: 'cp-2 is gone' };
  };
  const performance = perform({ others: { acceptDeclaration: async () => ({ revision: 2 }), lookAtReplacement } });
  await onStage('replaced', performance, async (stage) => {
    await stage.done(await stage.request());
    const handle = await replace(stage);
    expect(await handle.result()).toMatchObject({ revision: 2 });
    await record({ type: 'replaceNode', name: 'done', workflowId: replaceWorkflowId(stage.cluster, 'cp-2') });
  });
});
