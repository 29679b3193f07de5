import { describe, expect, test } from 'vitest';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import {
  afterStage,
  turnedBack,
  type AuthorityTrust,
  type Rotatable,
  type Rotation,
} from '../../cluster/certificates/trust.ts';
import type { RotationActivities, RotationLook } from '../../activities/contracts/campaigns.ts';
import { CkeError } from '../../cluster/errors.ts';
import { directRotation, rotationProgress, rotationWorkflowId } from '../../workflows/contracts.ts';
import type { RotationProgress } from '../../workflows/contracts.ts';
import { record } from './record.ts';
import { perform } from './script.ts';
import { onStage, until, type Stage } from './stage.ts';

const at = '2026-01-01T00:00:00Z';
const peers = 'etcd-peer';

/** The record and the outside world of one rotation: `missing` says what keeps the stage from being complete. */
function campaign(missing: (stage: string, look: number) => string[]) {
  const stages: string[] = [];
  /** Stages in which those were told that reconcile does not reach. */
  const told: string[] = [];
  let trust: AuthorityTrust | undefined;
  let looks = 0;
  const open = (): Rotation | undefined => (trust === undefined || trust.stage === 'settled' ? undefined : trust);
  const activities: RotationActivities = {
    beginRotation: async ({ to, by, without }) => {
      const known = open();
      if (known) return known;
      const fresh = { stage: 'trust-both' as const, from: 'root-1', to, by, startedAt: at, since: at };
      const begun: Rotation = { ...fresh, direction: 'forward', without, pods: 'ask' };
      trust = begun;
      stages.push(begun.stage);
      return begun;
    },
    directRotation: async ({ turn }) => {
      const known = open();
      const next = known && turn ? turnedBack(known, at) : known;
      if (next === undefined)
        throw new CkeError({ code: 'RotationRefused', message: 'it can’t be rolled back any more', remedy: 'never' });
      trust = next;
      return next;
    },
    lookAtRotation: async (): Promise<RotationLook> => {
      const rotation = open();
      if (rotation === undefined) return { state: 'over', missing: [], more: 0 };
      const gaps = missing(rotation.stage, (looks += 1));
      return { state: gaps.length === 0 ? 'complete' : 'going on', rotation, missing: gaps, more: 0 };
    },
    advanceRotation: async ({ stage }) => {
      const rotation = open();
      if (rotation?.stage !== stage) return;
      trust = afterStage(peers, rotation, at);
      stages.push(trust.stage);
    },
    settleHolders: async () => void told.push(open()?.stage ?? ''),
  };
  return { performance: perform({ others: activities }), stages, told };
}

async function begin({ client, cluster, taskQueue }: Stage, of: Rotatable = peers) {
  const wish = { by: 'alice@bastion', without: [] };
  return client.workflow.start<(input: object) => Promise<RotationProgress>>('rotateAuthority', {
    workflowId: rotationWorkflowId(cluster, of),
    taskQueue,
    args: [{ cluster, of, wish }],
  });
}

describe('the rotation of a CA', () => {
  test('enters each stage when the one before is complete, and no sooner', async () => {
    const { performance, stages } = campaign((stage, look) => (stage === 'trust-both' && look === 1 ? ['cp-2'] : []));
    await onStage('rotation-stages', performance, async (stage) => {
      const handle = await begin(stage);
      await until('it waits', async () => (await handle.query(rotationProgress)).missing.includes('cp-2') || undefined);
      expect(stages).toEqual(['trust-both']);
      expect(await handle.result()).toMatchObject({ stage: 'done', from: 'root-1', direction: 'forward' });
      expect(stages).toEqual(['trust-both', 'reissue', 'drop-old', 'settled']);
      await record({ type: 'rotateAuthority', name: 'stages', workflowId: rotationWorkflowId(stage.cluster, peers) });
    });
  });

  test('a sealed Vault in the middle is said, and waited for', async () => {
    let sealed = true;
    const { performance, stages } = campaign((stage) => {
      if (stage === 'reissue' && sealed)
        throw new CkeError({ code: 'VaultSealed', message: 'Vault is sealed', remedy: 'retry' });
      return [];
    });
    await onStage('rotation-sealed', performance, async (stage) => {
      const handle = await begin(stage);
      const says = async () => (await handle.query(rotationProgress)).missing.includes('Vault is sealed') || undefined;
      await until('it says that Vault is sealed', says);
      expect(stages).toEqual(['trust-both', 'reissue']);
      sealed = false;
      await handle.result();
      expect(stages.at(-1)).toBe('settled');
    });
  });

  test('of the CA of plugins Vault is told before a stage can be complete, of another one only when it is', async () => {
    for (const [of, name] of [
      ['vault-kms', 'plugins'],
      ['etcd-peer', 'peers'],
    ] as const) {
      let held = 'trust-both';
      const { performance, told } = campaign((stage) => (stage === held ? ['Vault does not believe it yet'] : []));
      await onStage(`rotation-${name}`, performance, async (stage) => {
        const handle = await begin(stage, of);
        const waits = async () => (await handle.query(rotationProgress)).missing.length > 0 || undefined;
        await until('it waits', waits);
        if (of === 'vault-kms') await until('Vault is told', async () => told.includes('trust-both') || undefined);
        expect([...new Set(told)]).toEqual(of === 'vault-kms' ? ['trust-both'] : []);
        held = '';
        await handle.result();
        expect([...new Set(told)]).toEqual(['trust-both', 'reissue', 'drop-old']);
        const workflowId = rotationWorkflowId(stage.cluster, of);
        if (of === 'vault-kms') await record({ type: 'rotateAuthority', name: 'plugins', workflowId });
      });
    }
  });

  test('turned around it ends where it began', async () => {
    let held = 'reissue';
    const { performance, stages } = campaign((stage) => (stage === held ? ['worker-1'] : []));
    await onStage('rotation-back', performance, async (stage) => {
      const handle = await begin(stage);
      await until('it waits', async () => (await handle.query(rotationProgress)).missing.length > 0 || undefined);
      const said = { by: 'bob@bastion', without: [], turn: 'back' as const };
      expect(await handle.executeUpdate(directRotation, { args: [said] })).toMatchObject({
        to: 'root-1',
        stage: 'reissue',
      });
      held = 'drop-old';
      await until('drop-old', async () => stages.includes('drop-old') || undefined);
      held = '';
      expect(await handle.result()).toMatchObject({ stage: 'done', to: 'root-1', direction: 'back' });
      await record({
        type: 'rotateAuthority',
        name: 'turned-back',
        workflowId: rotationWorkflowId(stage.cluster, peers),
      });
    });
  });

  test('where it is too late to turn it around, that is said and it goes on', async () => {
    let held = 'drop-old';
    const { performance } = campaign((stage) => (stage === held ? ['worker-1'] : []));
    await onStage('rotation-late', performance, async (stage) => {
      const handle = await begin(stage);
      await until('drop-old', async () => (await handle.query(rotationProgress)).stage === 'drop-old' || undefined);
      const said = { by: 'bob@bastion', without: [], turn: 'back' as const };
      const refusal = await handle.executeUpdate(directRotation, { args: [said] }).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(WorkflowUpdateFailedError);
      held = '';
      expect(await handle.result()).toMatchObject({ stage: 'done', direction: 'forward' });
    });
  });
});
