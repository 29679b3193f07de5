import { expect, test } from 'vitest';
import type { TellWebhook } from '../../activities/contracts/operations.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { Plan } from '../../cluster/plan.ts';
import { clusterWorkflowId } from '../../workflows/contracts.ts';
import { record } from './record.ts';
import { nothingToDo, perform } from './script.ts';
import { onStage, until } from './stage.ts';

const webhooks = [
  { name: 'chat', events: ['blocked', 'converged'] },
  { name: 'pager', events: ['failed'] },
] as const;
const blocked: Plan = {
  ...nothingToDo,
  phase: 'waiting',
  blockers: [{ gate: 'I-01', code: 'QuorumAtRisk', because: '1 of 3 voters is in sync', fix: 'bring cp-2 back' }],
};
const listeners = webhooks.map(({ name, events }) => ({ name, events: [...events] }));

test('people are told once what holds a cluster up and once that it is over; a receiver that is away holds up nothing', async () => {
  const told: TellWebhook[] = [];
  let attempts = 0;
  const performance = perform({
    look: (look) => ({ plan: look <= 2 ? blocked : nothingToDo, webhooks: listeners }),
    others: {
      tellWebhook: async (call) => {
        attempts += 1;
        if (attempts === 1)
          throw new CkeError({ code: 'NotificationFailed', message: 'the webhook chat answered 503', remedy: 'retry' });
        told.push(call);
      },
    },
  });
  await onStage('tells', performance, async (stage) => {
    const first = await stage.done(await stage.request());
    expect(first.lastReport?.outcome).toBe('blocked');
    expect(told).toEqual([]);
    await stage.done(await stage.request());
    const last = await stage.done(await stage.request());
    expect(last.lastReport?.outcome).toBe('converged');
    await until('both stories are told', async () => (told.length === 2 ? told : undefined));
    const stories = told.map(({ webhook, story }) => `${webhook}: ${story.event}: ${story.lines.join()}`).sort();
    expect(stories).toEqual([
      'chat: blocked: 1 of 3 voters is in sync — bring cp-2 back',
      'chat: converged: declaration revision 1',
    ]);
    expect(attempts).toBe(3);
    await record({ type: 'clusterWorkflow', name: 'tells-people', workflowId: clusterWorkflowId(stage.cluster) });
  });
});

test('nobody wants to hear: no child is started', async () => {
  const performance = perform({ look: () => ({ plan: blocked }) });
  await onStage('tells-nobody', performance, async (stage) => {
    await stage.done(await stage.request());
    const history = await stage.client.workflow.getHandle(clusterWorkflowId(stage.cluster)).fetchHistory();
    const started = (history.events ?? []).flatMap((event) => {
      const type = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name;
      return type == null ? [] : [type];
    });
    expect(started.filter((type) => type !== 'watch')).toEqual(['reconcile']);
  });
});
