import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containerOn, dockerOf } from './containers.ts';
import type { Container } from './containers.ts';
import type { Component } from '../../cluster/components/component.ts';
import { standingCluster } from './standing.ts';
import { figure, history, lab, percentile, reconcile, seconds, until } from './story.ts';

/** Generous: the machine may be busy. The interval is 15 minutes, so whatever comes back comes back because of an event. */
const longestSeconds = 60;

const victims: [Component, string][] = [
  ['rivers', 'worker-1'],
  ['etcd-rivers', 'cp-1'],
  ['kube-apiserver', 'cp-2'],
  ['kube-controller-manager', 'cp-3'],
  ['kube-scheduler', 'cp-1'],
  ['kubelet', 'worker-2'],
  ['kube-proxy', 'cp-2'],
];

const took: Record<string, number[]> = { 'docker kill': [], 'docker rm -f': [], 'kill -9 of the process': [] };

describe('a component that dies is back at once, without waiting for the interval', () => {
  beforeAll(standingCluster);
  afterAll(() => {
    for (const [how, times] of Object.entries(took)) {
      const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
      figure(`${how} to running, ${times.length} components`, `p50 ${seconds(p50)}, p95 ${seconds(p95)}`);
    }
  });

  test.each(victims)('docker kill %s on %s', async (name, node) => {
    const killed = await dies(name, node, 'docker kill', async ({ id }) => {
      await dockerOf(lab.node(node)).getContainer(id).kill();
    });
    await untilHistorySays(`start ${name} on ${node}: it has stopped`, killed);
  });

  test.each(victims)('docker rm -f %s on %s', async (name, node) => {
    const killed = await dies(name, node, 'docker rm -f', async ({ id }) => {
      await dockerOf(lab.node(node)).getContainer(id).remove({ force: true });
    });
    await untilHistorySays(`run ${name} on ${node}: it is not there`, killed);
  });

  test.each(victims)('the process in %s on %s is killed', async (name, node) => {
    const killed = await dies(name, node, 'kill -9 of the process', async ({ pid }) => {
      await lab.node(node).exec(['kill', '-9', String(pid)]);
    });
    await untilHistoryTells(`${name} on ${node} died with exit code 137`, killed);
  });

  test('after all of that the cluster is as declared', async () => {
    expect(await reconcile()).toMatchObject({ outcome: 'converged', blockers: [], failed: [] });
  });
});

/** Kills, sees that it is dead, and measures how long it takes until it runs again. Returns when it was killed. */
async function dies(
  name: Component,
  nodeName: string,
  how: string,
  kill: (victim: Container) => Promise<void>,
): Promise<number> {
  const node = lab.node(nodeName);
  const victim = await until(`${name} on ${nodeName} before the kill`, () => running(nodeName, name), { seconds: 30 });
  const killedAt = Date.now();
  await kill(victim);
  await until(
    `the death of process ${victim.pid} of ${name}`,
    async () => (await node.attempt(['test', '-e', `/proc/${victim.pid}/exe`])).code !== 0 || undefined,
    { seconds: 5, everyMilliseconds: 20 },
  );
  const back = await until(
    `${name} on ${nodeName} after ${how}`,
    async () => {
      const now = await running(nodeName, name);
      return now !== undefined && now.startedAt !== victim.startedAt ? now : undefined;
    },
    { seconds: longestSeconds, everyMilliseconds: 50 },
  );
  took[how]?.push(Date.now() - killedAt);
  await sleep(500);
  expect((await running(nodeName, name))?.id, `${name} stays up`).toBe(back.id);
  return killedAt;
}

async function running(node: string, name: string): Promise<Container | undefined> {
  const found = await containerOn(lab.node(node), name);
  return found?.running ? found : undefined;
}

async function untilHistorySays(step: string, since: number): Promise<void> {
  const entry = await until(
    `an entry in history with "${step}"`,
    async () => (await history()).find(({ at, report }) => Date.parse(at) >= since && said(report.done, step)),
    { seconds: 60, everyMilliseconds: 500 },
  );
  expect(entry.requestedBy).toBe('event');
  expect(entry.because).toMatch(/ on .* (died|was removed)/);
}

/** The engine restarts it by itself: there is nothing to do, and a reason to tell. */
async function untilHistoryTells(death: string, since: number): Promise<void> {
  await until(
    `an entry in history because ${death}`,
    async () => (await history()).find(({ at, because }) => Date.parse(at) >= since && because.includes(death)),
    { seconds: 60, everyMilliseconds: 500 },
  );
}

const said = (done: readonly string[], step: string): boolean => done.some((one) => one.startsWith(step));
