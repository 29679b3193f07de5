import { WorkflowUpdateFailedError } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { CkeError } from '../../cluster/errors.ts';
import type { PlannedChange } from '../../cluster/saved-plan.ts';
import { attributes, perform, toDo } from './script.ts';
import { gate, onStage, until } from './stage.ts';

const planned = (cluster: string): PlannedChange => ({
  version: 1,
  cluster,
  madeAt: '2026-01-01T00:00:00.000Z',
  revision: 2,
  declaration: `name: ${cluster}\n`,
  identity: { text: 'aa', steps: [], observed: {} },
  by: 'alice',
});

describe('a saved plan', () => {
  test('is for the first look of the next operation; a second one is refused while it waits', async () => {
    const first = gate();
    const performance = perform({
      look: (look) => (look === 1 || look === 3 ? toDo(attributes(['cp-1'])) : {}),
      step: async () => first.opened,
    });
    await onStage('saved-plan', performance, async (stage) => {
      await stage.request();
      await until('an operation runs', async () => performance.calls[0]);
      const plan = planned(stage.cluster);
      const ticket = await stage.request('alice applied plan.json', { planned: plan });
      const refused: unknown = await stage.request('again', { planned: plan }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
      first.open();
      await stage.done(ticket);
      expect(performance.looks.map((look) => look.planned?.by)).toEqual([undefined, undefined, 'alice', undefined]);
    });
  });

  test('that would be another one by now ends its operation; the next one goes without it', async () => {
    const stale = () => new CkeError({ code: 'StalePlan', message: 'cp-1 is not as it was', remedy: 'never' });
    const performance = perform({
      look: (_look, round) => {
        if (round.planned) throw stale();
        return {};
      },
    });
    await onStage('stale-plan', performance, async (stage) => {
      const { lastReport } = await stage.done(await stage.request('alice', { planned: planned(stage.cluster) }));
      expect(lastReport).toMatchObject({ outcome: 'failed', done: [], failed: [{ code: 'StalePlan' }] });
      expect((await stage.done(await stage.request('bob'))).lastReport?.outcome).toBe('converged');
    });
  });
});
