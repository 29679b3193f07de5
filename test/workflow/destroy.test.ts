import { describe, expect, test } from 'vitest';
import { CkeError } from '../../cluster/errors.ts';
import type { DestroyCluster, DestructionProgress } from '../../workflows/contracts.ts';
import { clusterWorkflowId, destroyWorkflowId, watchWorkflowId } from '../../workflows/contracts.ts';
import { gate, onStage, until, type Stage } from './stage.ts';
import { perform, type Performance, type Script } from './script.ts';

const order = { workers: ['w-1', 'w-2'], controlPlanes: ['cp-1'] };

interface Concluded {
  done: string[];
  left: { node: string; because: string }[];
}

/** Activities of a cluster that is taken apart, `step` being what happens on its nodes. */
function act({ step, others }: Pick<Script, 'step' | 'others'> = {}): Performance & { concluded: Concluded[] } {
  const concluded: Concluded[] = [];
  const performance = perform({
    ...(step && { step }),
    others: {
      beginDestruction: async () => ({ epoch: 7, revision: 3, data: 'trash' as const, ...order }),
      concludeDestruction: async ({ done, left }) => void concluded.push({ done: done.toSorted(), left }),
      ...others,
    },
  });
  return { ...performance, concluded };
}

async function destroy({ client, cluster, taskQueue }: Stage) {
  return client.workflow.start<(input: DestroyCluster) => Promise<DestructionProgress>>('destroyCluster', {
    workflowId: destroyWorkflowId(cluster),
    taskQueue,
    args: [{ cluster, by: 'alice', data: 'trash' }],
  });
}

const stateOf = async ({ client }: Stage, id: string) => (await client.workflow.getHandle(id).describe()).status.name;

describe('a cluster that a person gives up', () => {
  test('has no entity and no watch any more, and its workers are clean before its control planes', async () => {
    const performance = act();
    await onStage('given-up', performance, async (stage) => {
      await stage.done(await stage.request());
      const result = await (await destroy(stage)).result();
      expect(result).toMatchObject({ stage: 'done', waiting: [], left: [] });
      for (const id of [clusterWorkflowId(stage.cluster), watchWorkflowId(stage.cluster)])
        await until(`${id} has ended`, async () => ((await stateOf(stage, id)) === 'CANCELLED' ? true : undefined));
      const onControlPlane = performance.calls.findIndex((call) => call.endsWith(' cp-1'));
      const onWorkers = performance.calls.findLastIndex((call) => call.includes(' w-'));
      expect(onControlPlane).toBeGreaterThan(onWorkers);
      expect(performance.calls.filter((call) => call.endsWith(' cp-1')).slice(-6)).toEqual(
        ['stopCondemnedMember', 'giveUpData', 'removeFiles', 'removeFileContainer', 'confirmClean', 'forgetNode'].map(
          (name) => `${name} cp-1`,
        ),
      );
      expect(performance.concluded).toEqual([{ done: ['clean cp-1', 'clean w-1', 'clean w-2'], left: [] }]);
    });
  });

  test('a node that does not answer is named, and holds up no other', async () => {
    const performance = act({
      step: async ({ node }) => {
        if (node !== 'w-1') return;
        throw new CkeError({ code: 'NodeUnreachable', message: 'w-1: no answer', node, remedy: 'never' });
      },
    });
    await onStage('one-is-away', performance, async (stage) => {
      const result = await (await destroy(stage)).result();
      expect(result).toMatchObject({ cleaned: ['w-2', 'cp-1'], left: [{ node: 'w-1', because: 'w-1: no answer' }] });
      expect(performance.concluded).toEqual([{ done: ['clean cp-1', 'clean w-2'], left: result.left }]);
    });
  });

  test('whoever asks for it meanwhile gets an entity that ends by itself', async () => {
    const done = gate();
    const observeAndDecide = async () => {
      throw new CkeError({ code: 'ClusterDestroyed', message: 'it is being taken apart', remedy: 'never' });
    };
    const performance = act({ step: async () => done.opened, others: { observeAndDecide } });
    await onStage('asked-meanwhile', performance, async (stage) => {
      const handle = await destroy(stage);
      await until('it is under way', async () => performance.calls[0]);
      await stage.request();
      await until('the entity has ended', async () =>
        (await stateOf(stage, clusterWorkflowId(stage.cluster))) === 'RUNNING' ? undefined : true,
      );
      done.open();
      expect(await handle.result()).toMatchObject({ stage: 'done' });
      await until('no watch runs', async () =>
        (await stateOf(stage, watchWorkflowId(stage.cluster))) === 'RUNNING' ? undefined : true,
      );
    });
  });
});
