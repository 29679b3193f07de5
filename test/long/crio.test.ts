import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { busyboxImage, imageRecipes } from '../../lab/images.ts';
import { containerOn } from '../e2e/containers.ts';
import { declaredNames, workerNames, writeDeclaration } from '../e2e/declaration.ts';
import { fromJson } from '../e2e/json.ts';
import { freshLab, prepareKubectl, untilReady } from '../e2e/standing.ts';
import { apply, figure, kubectl, lab, reconcile, run, seconds, until } from '../e2e/story.ts';
import { crioPrograms, crioSocket, startCrio } from './crio.ts';
import { startRegistry } from './registry.ts';
import type { Registry } from './registry.ts';

const node = workerNames[0] ?? '';
const pod = 'on-crio';
const onCrio = () =>
  writeDeclaration((document) => document.setIn(['options', 'kubelet', 'cri_endpoint'], `unix://${crioSocket}`));

let registry: Registry | undefined;

describe('pods of a cluster are CRI-O’s', () => {
  beforeAll(async () => {
    await freshLab();
    registry = await startRegistry();
    const images = imageRecipes.flatMap(({ name, forPods }) => (forPods === 'yes' ? [name] : []));
    for (const name of [...images, busyboxImage]) await registry.hold(name, name);
    const programs = await crioPrograms();
    for (const name of declaredNames) await startCrio(name, programs, registry);
    await lab.startWorkers();
  });
  afterAll(async () => {
    await lab.down();
    registry?.stop();
  });

  test('all nodes say so, DNS serves, and nothing is left to do', async () => {
    const begun = performance.now();
    expect(await apply(onCrio())).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    await prepareKubectl();
    const { items } = fromJson<{ items: NodeObject[] }>(await kubectl('get', 'nodes', '--output', 'json'));
    expect(items.map(({ status }) => status.nodeInfo.containerRuntimeVersion)).toEqual(
      declaredNames.map(() => 'cri-o://1.34.0'),
    );
    for (const workload of ['daemonset/node-dns', 'deployment/cluster-dns'])
      await kubectl('rollout', 'status', '--namespace', 'kube-system', workload, '--timeout=240s');
    figure('bootstrap with CRI-O, DNS serving', seconds(performance.now() - begun));
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });

  test('a pod’s logs are read, commands run in it, and it learns names', async () => {
    const overrides = { spec: { nodeName: node, terminationGracePeriodSeconds: 0 } };
    const says = 'echo it runs; exec sleep 3600';
    await run(
      'kubectl',
      'run',
      pod,
      `--image=${busyboxImage}`,
      `--overrides=${JSON.stringify(overrides)}`,
      '--',
      'sh',
      '-c',
      says,
    );
    await kubectl('wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=60s');
    expect(await kubectl('logs', pod)).toBe('it runs\n');
    expect(await kubectl('exec', pod, '--', 'nslookup', '-type=a', 'kubernetes.default.svc.cluster.local')).toContain(
      'Address: 10.96.0.1',
    );
  });

  test('the pod survives a restart of Docker, and kubelet comes back by itself', async () => {
    const before = await containerOfPod();
    await lab.endWorkers();
    await lab.node(node).stopService('dockerd');
    await until('a stopped kubelet', async () => ((await kubelet()) ? undefined : true), { seconds: 60 });
    await lab.node(node).startService('dockerd');
    await until('kubelet after the restart', kubelet, { seconds: 60 });
    await untilReady(node, 'True');
    expect(await containerOfPod()).toEqual(before);
    await lab.startWorkers();
    expect(await reconcile()).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
  });
});

interface NodeObject {
  status: { nodeInfo: { containerRuntimeVersion: string } };
}

async function containerOfPod(): Promise<{ id: string | undefined; restarts: number | undefined }> {
  const live = fromJson<{ status: { containerStatuses?: { containerID?: string; restartCount: number }[] } }>(
    await kubectl('get', 'pod', pod, '--output', 'json'),
  );
  const [first] = live.status.containerStatuses ?? [];
  expect(first?.containerID).toMatch(/^cri-o:/);
  return { id: first?.containerID, restarts: first?.restartCount };
}

async function kubelet(): Promise<true | undefined> {
  const answer = await lab.node(node).fetch('http://127.0.0.1:10248/healthz');
  if (answer === undefined) return undefined;
  return (await containerOn(lab.node(node), 'kubelet'))?.running === true || undefined;
}
