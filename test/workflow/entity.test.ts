import { Context } from '@temporalio/activity';
import { describe, expect, test } from 'vitest';
import type { Performance } from './script.ts';
import { attributes, perform, toDo } from './script.ts';
import { gate, onStage, until, type Stage } from './stage.ts';
import { clusterWorkflowId, operationWorkflowId, wake } from '../../workflows/contracts.ts';
import { record } from './record.ts';

/** How many looks there were, once `count` were reached: the entity's own doing is awaited by it. */
const looked = (performance: Performance, count: number) =>
  until(`${count} looks`, async () => (performance.looks.length >= count ? count : undefined));

/** Long enough for an operation that should not be there to show up. */
const quiet = () => new Promise((resolve) => setTimeout(resolve, 700));

const wakeUp = ({ client, cluster }: Stage, because: string) =>
  client.workflow.getHandle(clusterWorkflowId(cluster)).signal(wake, { because });

describe('the entity of a cluster', () => {
  test('one operation at a time, and requests that come while it runs become one more', async () => {
    const [first, under] = [gate(), { way: 0, most: 0 }];
    const performance = perform({
      look: (look) => (look % 2 === 1 ? toDo(attributes([`cp-${look}`])) : {}),
      step: async ({ node }) => {
        under.way += 1;
        under.most = Math.max(under.most, under.way);
        if (node === 'cp-1') await first.opened;
        under.way -= 1;
      },
    });
    await onStage('one-at-a-time', performance, async (stage) => {
      const one = await stage.request();
      await until('the first runs', async () => performance.calls[0]);
      const [two, three] = [await stage.request('second'), await stage.request('third')];
      expect([one, two, three]).toEqual([1, 2, 3]);
      expect((await stage.status()).completedTicket).toBe(0);
      first.open();
      const status = await stage.done(three);
      expect(status).toMatchObject({ because: 'third', completedTicket: 3 });
      await quiet();
      expect(performance.looks).toHaveLength(4);
      expect(under.most).toBe(1);
      await record({
        type: 'clusterWorkflow',
        name: 'requests-while-running',
        workflowId: clusterWorkflowId(stage.cluster),
      });
    });
  });

  test('a wake after the last look is followed by another operation', async () => {
    const woken = gate();
    const performance = perform({
      look: (look) => (look === 1 ? toDo(attributes(['cp-1'])) : {}),
      others: { finishOperation: async () => woken.opened },
    });
    await onStage('wake-not-covered', performance, async (stage) => {
      const ticket = await stage.request();
      await looked(performance, 2);
      await wakeUp(stage, 'etcd on cp-2 died');
      woken.open();
      await stage.done(ticket);
      await looked(performance, 3);
      await quiet();
      expect(performance.looks).toHaveLength(3);
      await record({ type: 'clusterWorkflow', name: 'wake-not-covered', workflowId: clusterWorkflowId(stage.cluster) });
    });
  });

  test('a wake that a later look has covered is not followed by another operation', async () => {
    const woken = gate();
    const performance = perform({
      look: (look) => (look === 1 ? toDo(attributes(['cp-1'])) : {}),
      step: async () => woken.opened,
    });
    await onStage('wake-covered', performance, async (stage) => {
      const ticket = await stage.request();
      await until('the step runs', async () => performance.calls[0]);
      await wakeUp(stage, 'kubelet on worker-1 died');
      woken.open();
      await stage.done(ticket);
      await quiet();
      expect(performance.looks).toHaveLength(2);
    });
  });

  test('a wake at rest starts an operation, and says why', async () => {
    const performance = perform({});
    await onStage('wake-at-rest', performance, async (stage) => {
      await stage.done(await stage.request());
      await wakeUp(stage, 'kube-scheduler on cp-3 died');
      await looked(performance, 2);
      expect((await stage.status()).because).toBe('kube-scheduler on cp-3 died');
    });
  });

  test('it looks by itself when the interval of the declaration has passed', async () => {
    const performance = perform({ look: () => ({ intervalSeconds: 1 }) });
    await onStage('interval', performance, async (stage) => {
      const began = Date.now();
      await stage.done(await stage.request());
      await looked(performance, 3);
      expect(Date.now() - began).toBeGreaterThan(1_900);
      expect((await stage.status()).because).toBe('the interval has passed');
      await record({ type: 'clusterWorkflow', name: 'interval', workflowId: clusterWorkflowId(stage.cluster) });
    });
  });

  test('an operation that a person cancels ends, the entity does not', async () => {
    const performance = perform({
      look: (look) => (look === 1 ? toDo(attributes(['cp-1'])) : {}),
      step: async () => Context.current().cancelled,
    });
    await onStage('cancelled', performance, async (stage) => {
      const ticket = await stage.request();
      await until('the step runs', async () => performance.calls[0]);
      await stage.client.workflow.getHandle(operationWorkflowId(stage.cluster)).cancel();
      const status = await stage.done(ticket);
      expect(status.lastReport?.outcome).toBe('cancelled');
      const again = await stage.done(await stage.request());
      expect(again.lastReport?.outcome).toBe('converged');
      await record({
        type: 'clusterWorkflow',
        name: 'operation-cancelled',
        workflowId: clusterWorkflowId(stage.cluster),
      });
    });
  });

  test('an operation that did not converge is tried again soon, not at the next interval', async () => {
    const blocker = { gate: 'I-01', code: 'QuorumAtRisk' as const, because: 'one more failure would stop writes' };
    const blocked = { plan: { phase: 'waiting' as const, steps: [], blockers: [blocker], waits: [] } };
    const performance = perform({ look: (look) => (look === 1 ? blocked : {}) });
    await onStage('blocked', performance, async (stage) => {
      const first = await stage.done(await stage.request());
      expect(first.lastReport).toMatchObject({ outcome: 'blocked', blockers: [blocker] });
      await looked(performance, 2);
      await until('converged', async () =>
        (await stage.status()).lastReport?.outcome === 'converged' ? 1 : undefined,
      );
    });
  });

  test('continues as new with its tickets when its history is long', async () => {
    const performance = perform({});
    await onStage('long-lived', performance, async (stage) => {
      const handle = stage.client.workflow.getHandle(clusterWorkflowId(stage.cluster));
      let ticket = await stage.request();
      const { runId } = await handle.describe();
      for (; (await handle.describe()).runId === runId && ticket < 40; ticket = await stage.request())
        await stage.done(ticket);
      expect((await handle.describe()).runId).not.toBe(runId);
      const status = await stage.done(ticket);
      expect(status.completedTicket).toBe(ticket);
      expect(performance.looks).toHaveLength(ticket);
      await record({
        type: 'clusterWorkflow',
        name: 'continued-as-new',
        workflowId: clusterWorkflowId(stage.cluster),
        runId,
      });
    });
  });
});
