import { expect, test } from 'vitest';
import type { Plan } from '../../cluster/plan.ts';
import { planExitCode, planText } from './plan.ts';

const look = { next: 'cke-client apply cluster.yaml' };
const nothing: Plan = { phase: 'converged', steps: [], blockers: [], waits: [] };
const scheduler: Plan = {
  phase: 'components',
  steps: [
    {
      kind: 'run-component',
      component: 'kube-scheduler',
      disruption: 'restart',
      targets: [
        { node: 'cp-1', because: 'extra_args changed' },
        { node: 'cp-2', because: 'extra_args changed' },
        { node: 'cp-3', because: 'it is missing' },
      ],
    },
  ],
  blockers: [
    {
      gate: 'node-unreachable',
      code: 'NodeUnreachable',
      node: 'w-1',
      because: 'w-1 does not answer',
      fix: 'power it on',
    },
  ],
  waits: [],
};

test('nothing to do: says so, exit code 0', () => {
  expect(planText(nothing, look)).toBe('Nothing to do: the cluster is as declared.');
  expect(planExitCode(nothing)).toBe(0);
});

test('add-ons that change are what is to be done: exit code 2', () => {
  const addons = [
    { name: 'metrics-server', added: 8, changed: 0, removed: 0 },
    { name: 'flannel', added: 0, changed: 1, removed: 2 },
  ];
  expect(planText({ ...nothing, addons }, look)).toBe(
    [
      'Add-ons, once it is applied:',
      '  metrics-server: 8 objects added',
      '  flannel: 1 object changed, 2 objects removed',
      'Next: cke-client apply cluster.yaml',
    ].join('\n'),
  );
  expect(planExitCode({ ...nothing, addons })).toBe(2);
});

test('what would happen, where, why, how disruptive: exit code 2', () => {
  expect(planText(scheduler, look)).toBe(
    [
      'DISRUPTION  RISK  STEP                NODES       REASON',
      'restart     -     run kube-scheduler  cp-1, cp-2  extra_args changed',
      '                                      cp-3        it is missing',
      '',
      'In the way:',
      '  w-1 does not answer (NodeUnreachable)',
      '    fix  power it on',
      '1 step to do, 1 obstacle.',
      'Phase components. Later phases follow when this one is done.',
      'Next: cke-client apply cluster.yaml',
    ].join('\n'),
  );
  expect(planExitCode(scheduler)).toBe(2);
});

test('only obstacles: exit code 3', () => {
  const stuck = { ...scheduler, steps: [] };
  expect(planText(stuck, look)).toContain('No step is possible now: 1 obstacle, 0 waits.');
  expect(planExitCode(stuck)).toBe(3);
});

test('what needs a yes, and what follows, with risk and disruption: exit code 2', () => {
  const asks: Parameters<typeof planText>[0] = {
    ...nothing,
    phase: 'waiting',
    pending: [
      {
        kind: 'upgrade',
        target: 'etcd',
        from: 'v3.6.15',
        to: 'v3.6.16',
        revision: 3,
        fingerprint: '3f9c2a71d04be85c6a10',
        risk: 'version-upgrade',
        because: 'etcd goes from v3.6.15 to v3.6.16',
        nodes: ['cp-1'],
      },
    ],
    forecast: {
      rounds: [
        {
          phase: 'etcd-maintenance',
          steps: [{ title: 'restart the etcd member on cp-2', disruption: 'restart', risk: 'version-upgrade' }],
        },
      ],
      ends: 'then the cluster is as declared',
    },
  };
  expect(planText(asks, look)).toBe(
    [
      'Needs a yes, once it is applied:',
      '  upgrade: etcd, v3.6.15 → v3.6.16 (version-upgrade): etcd goes from v3.6.15 to v3.6.16',
      '1 step for a person to approve.',
      'Then, if all goes well:',
      '   2. etcd-maintenance  restart the etcd member on cp-2 [restart, version-upgrade]',
      '      then the cluster is as declared',
      'Phase waiting. Later phases follow when this one is done.',
      'Next: cke-client apply cluster.yaml',
    ].join('\n'),
  );
  expect(planExitCode(asks)).toBe(2);
});
