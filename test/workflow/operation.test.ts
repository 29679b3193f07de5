import { describe, expect, test } from 'vitest';
import { CkeError } from '../../cluster/errors.ts';
import { operationWorkflowId } from '../../workflows/contracts.ts';
import { record } from './record.ts';
import { attributes, nothingToDo, perform, toDo } from './script.ts';
import { onStage, until } from './stage.ts';

const sealed = () =>
  new CkeError({ code: 'VaultSealed', message: 'Vault is sealed', fix: 'vault operator unseal', remedy: 'retry' });

const broken = (node: string) =>
  new CkeError({ code: 'CrashLoop', message: `kubelet on ${node} keeps dying`, node, remedy: 'never' });

const nodes = (count: number) => Array.from({ length: count }, (_, index) => `node-${index + 1}`);

describe('an operation', () => {
  test('that is paused does nothing and says so', async () => {
    const paused = { by: 'alice', because: 'a move of the data centre' };
    const performance = perform({ look: () => ({ ...toDo(attributes(['cp-1'])), paused }) });
    await onStage('paused', performance, async (stage) => {
      const status = await stage.done(await stage.request());
      expect(status.lastReport).toMatchObject({ outcome: 'paused', done: [] });
      expect(performance.calls).toEqual([]);
      await record({ type: 'reconcile', name: 'paused', workflowId: operationWorkflowId(stage.cluster) });
    });
  });

  test('sets aside the unit that failed, and only that', async () => {
    const performance = perform({
      look: (look) => (look === 1 ? toDo(attributes(['cp-1', 'cp-2', 'cp-3'])) : {}),
      step: async ({ node }) => {
        if (node === 'cp-2') throw broken(node);
      },
    });
    await onStage('set-aside', performance, async (stage) => {
      const { lastReport } = await stage.done(await stage.request());
      const titles = ['cp-1', 'cp-3'].map((node) => `update attributes of ${node}: a label is missing`);
      expect(lastReport).toMatchObject({ outcome: 'failed', done: titles, failed: [{ code: 'CrashLoop' }] });
      expect(performance.looks[0]?.setAside).toEqual([]);
      expect(performance.looks[1]?.setAside).toMatchObject([{ step: 'update-node-attributes', node: 'cp-2' }]);
      await record({ type: 'reconcile', name: 'one-unit-fails', workflowId: operationWorkflowId(stage.cluster) });
    });
  });

  test('that meets a sealed Vault tries again, fails with that code, and is repeated by the entity', async () => {
    const performance = perform({
      look: (look) => (look === 1 || look === 3 ? toDo(attributes(['cp-1'])) : {}),
      step: async () => {
        if (performance.looks.length < 3) throw sealed();
      },
    });
    await onStage('sealed', performance, async (stage) => {
      const { lastReport } = await stage.done(await stage.request());
      expect(lastReport?.outcome).toBe('failed');
      expect(lastReport?.failed).toEqual([
        { step: 'update attributes of cp-1: a label is missing', code: 'VaultSealed', message: 'Vault is sealed' },
      ]);
      expect(performance.calls).toHaveLength(4);
      await record({ type: 'reconcile', name: 'vault-sealed', workflowId: operationWorkflowId(stage.cluster) });
      await until('it is repeated', async () =>
        (await stage.status()).lastReport?.outcome === 'converged' ? true : undefined,
      );
      expect(performance.calls).toHaveLength(5);
    });
  });

  test('gives up a unit that is done again and again without effect', async () => {
    const performance = perform({
      look: (_look, { setAside }) => (setAside.length === 0 ? toDo(attributes(['cp-1'])) : {}),
    });
    await onStage('fruitless', performance, async (stage) => {
      const { lastReport } = await stage.done(await stage.request());
      expect(lastReport?.outcome).toBe('failed');
      expect(lastReport?.failed[0]?.message).toContain('and still wanted');
      expect(performance.calls).toHaveLength(4);
    });
  });

  test('looks again while it only waits, for a while', async () => {
    const waits = [{ on: 'kubelet on cp-1', because: 'it has just started' }];
    const performance = perform({ look: (look) => (look < 4 ? { plan: { ...nothingToDo, waits } } : {}) });
    await onStage('waiting', performance, async (stage) => {
      const { lastReport } = await stage.done(await stage.request());
      expect(lastReport).toMatchObject({ outcome: 'converged', rounds: 4 });
      await record({ type: 'reconcile', name: 'waiting', workflowId: operationWorkflowId(stage.cluster) });
    });
  });

  test('carries everything over continue-as-new', async () => {
    const performance = perform({
      look: (look) => (look <= 45 ? toDo(attributes(look === 1 ? ['cp-1', 'cp-2'] : ['cp-1'], `reason ${look}`)) : {}),
      step: async ({ node }) => {
        if (node === 'cp-2') throw broken(node);
      },
    });
    await onStage('many-rounds', performance, async (stage) => {
      const ticket = await stage.request();
      const operation = stage.client.workflow.getHandle(operationWorkflowId(stage.cluster));
      const { runId } = await until('it has begun', () => operation.describe().catch(() => undefined));
      const { lastReport } = await stage.done(ticket);
      expect((await operation.describe()).runId).not.toBe(runId);
      expect(lastReport).toMatchObject({ outcome: 'failed', rounds: 46, epoch: 1, failed: [{ code: 'CrashLoop' }] });
      expect(lastReport?.done).toHaveLength(45);
      expect(performance.looks.at(-1)).toMatchObject({ epoch: 1, setAside: [{ node: 'cp-2' }] });
      await record({
        type: 'reconcile',
        name: 'many-rounds-first-run',
        workflowId: operationWorkflowId(stage.cluster),
        runId,
      });
      await record({ type: 'reconcile', name: 'many-rounds-last-run', workflowId: operationWorkflowId(stage.cluster) });
    });
  });
});

describe('a step of many nodes', () => {
  test.each([
    [50, 0],
    [51, 2],
    [1000, 20],
  ])('%i nodes: %i children', async (count, children) => {
    const performance = perform({
      look: (look) => ({ lanes: 200, ...(look === 1 && toDo(attributes(nodes(count)))) }),
    });
    await onStage(`fleet-${count}`, performance, async (stage) => {
      const { lastReport } = await stage.done(await stage.request());
      expect(lastReport).toMatchObject({ outcome: 'converged', failed: [] });
      expect(new Set(performance.calls).size).toBe(count);
      const operation = stage.client.workflow.getHandle(operationWorkflowId(stage.cluster));
      const events = (await operation.fetchHistory()).events ?? [];
      expect(events.filter(({ childWorkflowExecutionCompletedEventAttributes: ended }) => ended)).toHaveLength(
        children,
      );
      expect(events.length).toBeLessThan(1_000);
      if (count !== 51) return;
      await record({ type: 'reconcile', name: 'batches', workflowId: operationWorkflowId(stage.cluster) });
      await record({
        type: 'batch',
        name: 'second-of-two',
        workflowId: `${operationWorkflowId(stage.cluster)}/1/round-1/step-0/batch-1`,
      });
    });
  });

  test('a failure in one batch sets aside its node alone', async () => {
    const performance = perform({
      look: (look) => ({ lanes: 200, ...(look === 1 && toDo(attributes(nodes(120)))) }),
      step: async ({ node }) => {
        if (node === 'node-77') throw broken(node);
      },
    });
    await onStage('fleet-with-a-failure', performance, async (stage) => {
      const { lastReport } = await stage.done(await stage.request());
      expect(lastReport?.failed).toMatchObject([{ code: 'CrashLoop', message: 'kubelet on node-77 keeps dying' }]);
      expect(performance.looks[1]?.setAside).toMatchObject([{ node: 'node-77' }]);
      expect(performance.calls).toHaveLength(120);
    });
  });
});
