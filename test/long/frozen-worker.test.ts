import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operationWorkflowId } from '../../workflows/contracts.ts';
import { serialsForNodes } from '../e2e/certificates.ts';
import { allContainers, containerIds } from '../e2e/containers.ts';
import { recordCreations } from '../e2e/creations.ts';
import { writeDeclaration } from '../e2e/declaration.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, cluster, figure, history, lab, memberNames, reconcile } from '../e2e/story.ts';
import { withTemporal } from '../e2e/temporal-server.ts';

/** Long enough for whatever the sleeper was about to do when it was frozen, and for what it asks Temporal for then. */
const awakeMilliseconds = 15_000;

describe('a worker is frozen (SIGSTOP) while it changes something, and wakes up late', () => {
  const frozen: number[] = [];
  beforeAll(async () => {
    await standingCluster();
    await lab.startWorkers({ count: 2 });
  });
  afterAll(async () => {
    for (const pid of frozen) process.kill(pid, 'SIGCONT');
    await lab.endWorkers('kill');
  });

  test('the other worker finishes its operation, and begins a newer one', async () => {
    const applied = apply(withFlags(3));
    await withTemporal(async (client) => {
      for (let found = false; !found; await sleep(5)) {
        const [first = 0] = await lab.startWorkers({ count: 2 });
        if (!(await changesSomething(client, first))) continue;
        process.kill(first, 'SIGSTOP');
        frozen.push(first);
        found = await changesSomething(client, first);
        if (!found) process.kill(first, 'SIGCONT');
      }
    });
    expect(await applied).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    const [{ report }] = (await history(1)) as [Awaited<ReturnType<typeof history>>[number]];
    expect(await apply(withFlags(4))).toMatchObject({ outcome: 'converged', failed: [] });
    const [{ report: newer }] = (await history(1)) as [Awaited<ReturnType<typeof history>>[number]];
    expect(newer.epoch, 'a newer epoch').toBeGreaterThan(report.epoch);
    figure('epochs of the frozen operation and of the newer one', `${report.epoch}, ${newer.epoch}`);
  });

  test('what it does when it wakes up does no harm: no container, no certificate, no member', async () => {
    const before = { ids: await containerIds(), serials: await serialsForNodes(), members: await memberNames() };
    const creations = await recordCreations();
    for (const pid of frozen) process.kill(pid, 'SIGCONT');
    await sleep(awakeMilliseconds);
    expect(await creations.end()).toEqual({});
    expect(await containerIds()).toEqual(before.ids);
    expect(await serialsForNodes()).toEqual(before.serials);
    expect(await memberNames()).toEqual(before.members);
    expect((await allContainers()).every(({ running, name }) => running || name === 'cke-files')).toBe(true);
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });
});

/** Every scheduler and every kubelet gets another container. */
function withFlags(verbosity: number): string {
  return writeDeclaration((document) => {
    document.setIn(['options', 'kube-scheduler', 'extra_args'], [`--v=${verbosity}`]);
    document.setIn(['options', 'kubelet', 'config', 'maxPods'], 70 + verbosity);
  });
}

/** PENDING_ACTIVITY_STATE_STARTED */
const started = 2;
const changes = ['installFiles', 'replaceContainer'];

/** Whether this very worker is in the middle of an activity that changes a node. */
async function changesSomething(client: Client, pid: number): Promise<boolean> {
  const { raw } = await client.workflow
    .getHandle(operationWorkflowId(cluster))
    .describe()
    .catch(() => ({ raw: { pendingActivities: [] } }));
  return (raw.pendingActivities ?? []).some(
    ({ state, activityType, lastWorkerIdentity }) =>
      Number(state) === started &&
      changes.includes(activityType?.name ?? '') &&
      lastWorkerIdentity?.startsWith(`${pid}@`) === true,
  );
}
