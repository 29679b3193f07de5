import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containerOn } from '../e2e/containers.ts';
import { workerNames } from '../e2e/declaration.ts';
import { fromJson } from '../e2e/json.ts';
import { standingCluster, untilReady } from '../e2e/standing.ts';
import { figure, kubectl, lab, reconcile, run, seconds, until } from '../e2e/story.ts';

const node = workerNames[0] ?? '';
const pod = 'survivor';

interface PodObject {
  status: { containerStatuses?: { containerID?: string; restartCount: number; state: { running?: object } }[] };
}

describe('Docker is restarted on a node', () => {
  beforeAll(async () => {
    await standingCluster();
    await removePod();
    await run('kubectl', 'run', pod, '--image=cke.lab/echo:1', `--overrides=${JSON.stringify(overrides)}`);
    await kubectl('wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=60s');
  });
  afterAll(async () => {
    await lab.node(node).startService('dockerd');
    await lab.startWorkers();
    await removePod();
  });

  test('a pod runs on, and all our containers are back by themselves, while no worker runs', async () => {
    const before = await container();
    const pid = await processOf(before.id);
    await lab.endWorkers();
    const begun = performance.now();
    await lab.node(node).stopService('dockerd');
    await until('a stopped Docker', dockerIsDown, { seconds: 30 });
    expect(await processOf(before.id), 'the pod’s process while Docker is down').toBe(pid);
    await lab.node(node).startService('dockerd');
    for (const name of ['rivers', 'kubelet', 'kube-proxy'])
      await until(`${name} after the restart`, () => runs(name), { seconds: 60 });
    figure('restart of Docker to running components, without a worker', seconds(performance.now() - begun));
    await untilReady(node, 'True');
    expect(await container()).toEqual(before);
    expect(await processOf(before.id)).toBe(pid);
  });

  test('the worker finds nothing to do afterwards', async () => {
    await lab.startWorkers();
    expect(await reconcile()).toMatchObject({ outcome: 'converged', blockers: [], failed: [] });
    expect((await container()).restarts).toBe(0);
  });
});

const overrides = { spec: { nodeName: node, terminationGracePeriodSeconds: 0 } };

const removePod = () => kubectl('delete', 'pod', pod, '--ignore-not-found', '--force', '--grace-period=0');

async function container(): Promise<{ id: string; restarts: number }> {
  const { status } = fromJson<PodObject>(await kubectl('get', 'pod', pod, '--output', 'json'));
  const [first] = status.containerStatuses ?? [];
  if (first?.containerID === undefined || first.state.running === undefined) throw new Error('the pod does not run');
  return { id: first.containerID.replace('containerd://', ''), restarts: first.restartCount };
}

/** PID and start of the pod's process, as the node's kernel has it. */
async function processOf(id: string): Promise<string> {
  const tasks = await lab.node(node).exec(['ctr', '--namespace', 'k8s.io', 'tasks', 'list']);
  const pid = tasks
    .split('\n')
    .find((line) => line.startsWith(id))
    ?.split(/\s+/)[1];
  if (pid === undefined) throw new Error('containerd has no task of the pod');
  return `${pid} ${await lab.node(node).exec(['stat', '--format=%Y', `/proc/${pid}`])}`;
}

async function dockerIsDown(): Promise<true | undefined> {
  return (await lab.node(node).attempt(['docker', 'version'])).code !== 0 || undefined;
}

async function runs(name: string): Promise<true | undefined> {
  return (await containerOn(lab.node(node), name))?.running === true || undefined;
}
