import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OperationReport } from '../../cluster/plan.ts';
import { cast } from '../e2e/cast.ts';
import { allContainers, containerIds } from '../e2e/containers.ts';
import { recordCreations } from '../e2e/creations.ts';
import { replaceThroughDeaths } from '../e2e/deaths.ts';
import { writeDeclaration } from '../e2e/declaration.ts';
import { freezeAmid, wake, withFrozen } from '../e2e/freezing.ts';
import { standingCluster, untilClean } from '../e2e/standing.ts';
import { apply, figure, history, lab, memberNames, reconcile, seconds, until, untilConverged } from '../e2e/story.ts';
import { underLoad } from '../e2e/under-load.ts';
import { expectStanding } from '../e2e/whole.ts';

/** Long enough for whatever the sleeper was about to do when it was frozen, and for what it asks Temporal for then. */
const awakeMilliseconds = 15_000;

describe('a worker is frozen (SIGSTOP) while it changes something, and wakes up late', () => {
  beforeAll(standingCluster);
  beforeEach(() => lab.endWorkers('kill'));
  afterAll(() => lab.endWorkers('kill'));

  test('in the middle of an activity: another finishes the operation and begins a newer one, then it wakes up', async () => {
    const [sleeper = 0] = await lab.startWorkers();
    const { applied } = await applyAndFreeze(sleeper);
    await lab.startWorkers({ from: 2 });
    expect(await applied).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    const epoch = await lastEpoch();
    expect(await apply(withFlags(9))).toMatchObject({ outcome: 'converged', failed: [] });
    expect(await lastEpoch(), 'a newer epoch').toBeGreaterThan(epoch);
    await expectHarmless([sleeper]);
  });

  test('before a member is added: it wakes up in the same operation, when another has added it', async () => {
    const { goes, stays, free } = await cast();
    await underLoad('replacement with a worker that adds the member late', async () => {
      await withFrozen(['addLearner'], async (frozen) => {
        const replacing = replaceThroughDeaths(goes, free);
        await until('a member that another has added', () => isMember(free), { seconds: 400, everyMilliseconds: 500 });
        wake(frozen);
        await replacing;
        await untilClean(goes);
        await untilConverged(400);
      });
    });
    expect(await memberNames()).toEqual([...stays, free].sort());
    await expectStanding();
  });

  test('before each change of etcd’s members and data: all wake up when everything is done', async () => {
    const { goes, stays, free } = await cast();
    await underLoad('replacement with four frozen workers', async () => {
      const begun = performance.now();
      const frozen = await withFrozen(changes, async () => {
        await replaceThroughDeaths(goes, free);
        await untilClean(goes);
        await untilConverged(400);
      });
      figure('replacement with four frozen workers', seconds(performance.now() - begun));
      expect(await reconcile(), 'a newer operation').toMatchObject({ outcome: 'converged', done: [] });
      await expectHarmless(frozen);
    });
    expect(await memberNames()).toEqual([...stays, free].sort());
    await expectStanding();
  });
});

/** In the order in which a replacement comes to them. */
const changes = ['startLearner', 'promoteLearner', 'removeMember', 'trashDirectory'];

/** Changes flags, again and again, until the only worker was caught in the middle of an activity that changes a node. */
async function applyAndFreeze(worker: number): Promise<{ applied: Promise<OperationReport> }> {
  for (let verbosity = 3; verbosity < 9; verbosity += 1) {
    let over = false;
    const applied = apply(withFlags(verbosity)).finally(() => (over = true));
    applied.catch(() => undefined);
    if (await freezeAmid(['installFiles', 'replaceContainer'], worker, () => over)) return { applied };
    await applied;
  }
  throw new Error('the worker was never caught in the middle of a change');
}

/** Every scheduler and every kubelet gets another container. */
function withFlags(verbosity: number): string {
  return writeDeclaration((document) => {
    document.setIn(['options', 'kube-scheduler', 'extra_args'], [`--v=${verbosity}`]);
    document.setIn(['options', 'kubelet', 'config', 'maxPods'], 70 + verbosity);
  });
}

async function lastEpoch(): Promise<number> {
  return (await history(1))[0]?.report.epoch ?? 0;
}

async function isMember(node: string): Promise<true | undefined> {
  return (await memberNames()).some((name) => name.startsWith(node)) || undefined;
}

/** Wakes frozen workers when all is as declared: no container and no member is another one afterwards, and no file is. */
async function expectHarmless(frozen: readonly number[]): Promise<void> {
  const before = { ids: await containerIds(), members: await memberNames() };
  const creations = await recordCreations();
  wake(frozen);
  await sleep(awakeMilliseconds);
  expect(await creations.end()).toEqual({});
  expect({ ids: await containerIds(), members: await memberNames() }).toEqual(before);
  expect((await allContainers()).every(({ running, name }) => running || name === 'cke-files')).toBe(true);
  expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
}
