import { describe, expect, test } from 'vitest';
import type { PendingApproval } from '../../cluster/approval.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { DrainNode } from '../../cluster/steps/node-steps.ts';
import { complaintOf } from '../../client/failure.ts';
import { approve, clusterWorkflowId, operationWorkflowId, reject } from '../../workflows/contracts.ts';
import { record } from './record.ts';
import { attributes, nothingToDo, perform, toDo } from './script.ts';
import { onStage, until, type Stage } from './stage.ts';

const question: PendingApproval = {
  kind: 'remove-node',
  target: 'w-9',
  from: 'worker',
  to: 'gone',
  revision: 1,
  fingerprint: '3f9c2a71d04be85c6a10',
  risk: 'worker-removal',
  because: 'it has left the declaration',
  nodes: ['w-9'],
  requestedBy: 'test',
  expiresAt: '2999-01-01T00:00:00.000Z',
};
const asking = { plan: { ...nothingToDo, phase: 'waiting' as const, pending: [question] } };
const removal: DrainNode = {
  kind: 'drain-node',
  before: 'departure',
  targets: [{ node: 'w-9', because: question.because }],
  disruption: 'drain',
  risk: 'worker-removal',
  approvals: [question.fingerprint],
};

const entity = ({ client, cluster }: Stage) => client.workflow.getHandle(clusterWorkflowId(cluster));
const answerWith = (stage: Stage, update: typeof approve, fingerprint = question.fingerprint) =>
  entity(stage).executeUpdate(update, { args: [{ fingerprint, by: 'alice@bastion' }] });
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error: unknown) => `${complaintOf(error).code}: ${complaintOf(error).message}`,
  );

describe('a step that waits for a yes', () => {
  test('ends the operation as waiting: the lock is free, the question is in the report', async () => {
    const performance = perform({ look: () => asking });
    await onStage('asks', performance, async (stage) => {
      const began = Date.now();
      const { lastReport } = await stage.done(await stage.request());
      expect(lastReport).toMatchObject({ outcome: 'waiting', pending: [question] });
      expect(Date.now() - began).toBeLessThan(15_000);
      expect(performance.looks[0]).toMatchObject({ requestedBy: 'test' });
      const operation = await stage.client.workflow.getHandle(operationWorkflowId(stage.cluster)).describe();
      expect(operation.status.name).toBe('COMPLETED');
      await record({ type: 'reconcile', name: 'needs-approval', workflowId: operationWorkflowId(stage.cluster) });
    });
  });

  test('what does not need one is done meanwhile', async () => {
    const performance = perform({
      look: (look) => ({ plan: { ...asking.plan, steps: look === 1 ? [attributes(['cp-1'])] : [] } }),
    });
    await onStage('goes-on', performance, async (stage) => {
      const { lastReport } = await stage.done(await stage.request());
      expect(lastReport).toMatchObject({ outcome: 'waiting', pending: [question] });
      expect(performance.calls).toEqual(['updateNodeAttributes cp-1']);
    });
  });

  test('is done once a person has approved it, at once; the answer goes on record first', async () => {
    const answers: object[] = [];
    const performance = perform({
      look: () => (answers.length === 0 ? asking : performance.calls.length === 0 ? toDo(removal) : {}),
      others: {
        answerApproval: async (given) => {
          answers.push(given);
          return question;
        },
      },
    });
    await onStage('approved', performance, async (stage) => {
      await stage.done(await stage.request());
      expect(await answerWith(stage, approve)).toEqual(question);
      const status = await until('it is done', async () => {
        const now = await stage.status();
        return now.lastReport?.outcome === 'converged' && performance.calls.length > 0 ? now : undefined;
      });
      expect(answers).toEqual([
        { cluster: 'approved', fingerprint: question.fingerprint, answer: 'approved', by: 'alice@bastion' },
      ]);
      expect(performance.calls).toEqual(['evictPods w-9']);
      expect(status.lastReport?.pending).toBeUndefined();
      await record({ type: 'clusterWorkflow', name: 'approved', workflowId: clusterWorkflowId(stage.cluster) });
    });
  });

  test('a no goes on record with its reason', async () => {
    const answers: object[] = [];
    const performance = perform({
      look: () => asking,
      others: { answerApproval: async (given) => (answers.push(given), question) },
    });
    await onStage('rejected', performance, async (stage) => {
      await stage.done(await stage.request());
      const args = [{ fingerprint: question.fingerprint, by: 'bob', reason: 'not on Friday' }] as const;
      await entity(stage).executeUpdate(reject, { args: [...args] });
      expect(answers).toMatchObject([{ answer: 'rejected', by: 'bob', reason: 'not on Friday' }]);
    });
  });
});

describe('an answer that does not count is refused, with the check that failed', () => {
  test('another fingerprint, an expired question, one that somebody else has answered', async () => {
    let expiresAt = question.expiresAt;
    const taken = () =>
      new CkeError({
        code: 'ApprovalRefused',
        message: `${question.fingerprint} can't be approved: bob has approved it already, at 10:00`,
        remedy: 'never',
      });
    const performance = perform({
      look: () => ({ plan: { ...asking.plan, pending: [{ ...question, expiresAt: expiresAt ?? '' }] } }),
      others: {
        answerApproval: async () => {
          throw taken();
        },
      },
    });
    await onStage('refused', performance, async (stage) => {
      await stage.done(await stage.request());
      expect(await refusal(answerWith(stage, approve, '00000000000000000000'))).toBe(
        'ApprovalRefused: refused: 00000000000000000000 does not wait for an answer',
      );
      expect(await refusal(answerWith(stage, approve, ''))).toContain('the name of who gives it');
      expect(await refusal(answerWith(stage, approve))).toBe(`ApprovalRefused: ${taken().message}`);
      expiresAt = '2020-01-01T00:00:00.000Z';
      await stage.done(await stage.request());
      expect(await refusal(answerWith(stage, approve))).toContain('expired at 2020-01-01T00:00:00.000Z');
    });
  });
});

describe('an approval that was used', () => {
  test('is reported to the next look, so that it allows nothing twice', async () => {
    const remove = { ...removal, kind: 'remove-node' as const, disruption: 'none' as const };
    const performance = perform({ look: (look) => (look === 1 ? toDo(remove) : {}) });
    await onStage('spent', performance, async (stage) => {
      await stage.done(await stage.request());
      expect(performance.looks.map(({ spent }) => spent)).toEqual([[], [question.fingerprint]]);
    });
  });

  test('is kept when its step failed', async () => {
    const remove = { ...removal, kind: 'remove-node' as const, disruption: 'none' as const };
    const performance = perform({
      look: (look) => (look === 1 ? toDo(remove) : {}),
      step: async () => {
        throw new CkeError({ code: 'NodeUnreachable', message: 'w-9 does not answer', remedy: 'never' });
      },
    });
    await onStage('kept', performance, async (stage) => {
      await stage.done(await stage.request());
      expect(performance.looks[1]?.spent).toEqual([]);
    });
  });
});

test('a paused operation says what it would have done next', async () => {
  const paused = { by: 'alice', because: 'a move' };
  const performance = perform({ look: () => ({ ...toDo(attributes(['cp-1'])), paused }) });
  await onStage('paused-next', performance, async (stage) => {
    const { lastReport } = await stage.done(await stage.request());
    expect(lastReport?.nextStep).toBe('update attributes of cp-1: a label is missing');
  });
});
