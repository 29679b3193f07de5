import { describe, expect, test } from 'vitest';
import type { StepActivities } from '../../activities/contracts/steps.ts';
import type { Step } from '../../cluster/steps/step.ts';
import { unitsOf } from './run-step.ts';

const mandate = { cluster: 'demo', revision: 3, epoch: 7 };

interface Recorder {
  calls: string[];
  inputs: Record<string, unknown>[];
  activities: StepActivities;
}

/** Activities that write down what they are asked for; the call `failing` throws. */
function recorder(failing?: string): Recorder {
  const calls: string[] = [];
  const inputs: Record<string, unknown>[] = [];
  const activity = (name: string) => async (input: Record<string, unknown>) => {
    const call = [name, input['node'], input['component']].filter((part) => typeof part === 'string').join(' ');
    calls.push(call);
    inputs.push(input);
    await Promise.resolve();
    if (call === failing) throw new Error(`${name} failed`);
  };
  const activities = new Proxy({}, { get: (_target, name: string) => activity(name) }) as StepActivities;
  return { calls, inputs, activities };
}

async function callsOf(step: Step): Promise<string[]> {
  const { calls, activities } = recorder();
  for (const unit of unitsOf(step, mandate)) await unit.run(activities);
  return calls;
}

test.each<[question: string, step: Step, calls: string[]]>([
  [
    'a new node: what it lacks is told before anything is put there',
    { kind: 'prepare-nodes', targets: [{ node: 'cp-1', because: 'new' }], disruption: 'none' },
    ['checkNode cp-1', 'enrolNode cp-1', 'pullImages cp-1', 'createFileContainer cp-1'],
  ],
  [
    'a component is replaced: its files come before its container',
    {
      kind: 'run-component',
      component: 'kubelet',
      targets: [{ node: 'worker-1', because: 'args', containerId: 'c1' }],
      disruption: 'restart',
    },
    ['installFiles worker-1 kubelet', 'replaceContainer worker-1 kubelet', 'awaitHealthy worker-1 kubelet'],
  ],
  [
    'a stopped component: only started',
    {
      kind: 'start-component',
      component: 'rivers',
      targets: [{ node: 'cp-1', because: 'it has stopped', containerId: 'c1' }],
      disruption: 'none',
    },
    ['startContainer cp-1 rivers', 'awaitHealthy cp-1 rivers'],
  ],
  [
    'a member restarts: leadership leaves it before it stops, and it is awaited',
    {
      kind: 'restart-etcd-member',
      target: { node: 'cp-2', because: 'args', containerId: 'c1' },
      disruption: 'restart',
    },
    ['installFiles cp-2 etcd', 'moveLeaderAway cp-2', 'restartMember cp-2', 'awaitMemberSynced cp-2'],
  ],
  [
    'etcd is authenticated',
    { kind: 'enable-etcd-authentication', because: 'it is off', disruption: 'none' },
    ['enableEtcdAuthentication'],
  ],
  [
    'labels of two nodes',
    {
      kind: 'update-node-attributes',
      targets: [
        { node: 'cp-1', because: 'label' },
        { node: 'worker-1', because: 'label' },
      ],
      disruption: 'none',
    },
    ['updateNodeAttributes cp-1', 'updateNodeAttributes worker-1'],
  ],
])('%s', async (_question, step, calls) => {
  expect(await callsOf(step)).toEqual(calls);
});

describe('the first start of etcd', () => {
  const step: Step = {
    kind: 'bootstrap-etcd',
    targets: ['cp-1', 'cp-2', 'cp-3'].map((node) => ({ node, because: 'new' })),
    disruption: 'none',
  };

  test('the record comes before the first process, and each directory before its member (W-04)', async () => {
    const calls = await callsOf(step);
    expect(calls[0]).toBe('recordBootstrap');
    expect(calls.at(-1)).toBe('concludeBootstrap');
    for (const node of ['cp-1', 'cp-2', 'cp-3'])
      expect(calls.filter((call) => call.includes(node))).toEqual([
        `createDataDirectory ${node} etcd`,
        `installFiles ${node} etcd`,
        `replaceContainer ${node} etcd`,
      ]);
  });

  test('one node fails: the others come to their end, and the cluster is not called born', async () => {
    const { calls, activities } = recorder('createDataDirectory cp-1 etcd');
    const [unit] = unitsOf(step, mandate);
    await expect(unit?.run(activities)).rejects.toThrow('createDataDirectory failed');
    expect(calls).toContain('replaceContainer cp-3 etcd');
    expect(calls).not.toContain('concludeBootstrap');
    expect(calls).not.toContain('replaceContainer cp-1 etcd');
  });
});

test('a restore: all of the old cluster is stopped before a directory is made, and all are made before a member starts', async () => {
  const step: Step = {
    kind: 'bootstrap-etcd',
    restore: 'bastion:/a.db',
    targets: ['cp-1', 'cp-2'].map((node) => ({ node, because: 'lost' })),
    disruption: 'outage',
  };
  const calls = await callsOf(step);
  expect(calls.map((call) => call.split(' ')[0])).toEqual([
    'stopForRestore',
    'stopForRestore',
    'restoreDirectory',
    'restoreDirectory',
    'installFiles',
    'installFiles',
    'replaceContainer',
    'replaceContainer',
    'concludeBootstrap',
  ]);
});

describe('what every call carries', () => {
  const replace: Step = {
    kind: 'run-component',
    component: 'kube-proxy',
    targets: [
      { node: 'cp-1', because: 'args', containerId: 'c1' },
      { node: 'cp-2', because: 'it is not there' },
    ],
    disruption: 'none',
  };

  test('the declaration’s revision and the fencing epoch (E-02)', async () => {
    const { inputs, activities } = recorder();
    for (const unit of unitsOf(replace, mandate)) await unit.run(activities);
    for (const input of inputs) expect(input).toMatchObject(mandate);
  });

  test('the id of the container that the plan saw, and none where it saw none', async () => {
    const { calls, inputs, activities } = recorder();
    for (const unit of unitsOf(replace, mandate)) await unit.run(activities);
    const replacements = inputs.filter((_input, index) => calls[index]?.startsWith('replaceContainer'));
    expect(replacements.map((input) => input['containerId'])).toEqual(['c1', undefined]);
  });

  test('one unit per node, with a title that says why: a failing node fails alone', async () => {
    const units = unitsOf(replace, mandate);
    expect(units.map(({ title }) => title)).toEqual([
      'run kube-proxy on cp-1: args',
      'run kube-proxy on cp-2: it is not there',
    ]);
    const { calls, activities } = recorder('installFiles cp-1 kube-proxy');
    const results = await Promise.allSettled(units.map((unit) => unit.run(activities)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(calls).toContain('awaitHealthy cp-2 kube-proxy');
    expect(calls).not.toContain('replaceContainer cp-1 kube-proxy');
  });
});
