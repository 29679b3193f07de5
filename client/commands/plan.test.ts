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

test('what would happen, where, why, how disruptive: exit code 2', () => {
  expect(planText(scheduler, look)).toBe(
    [
      'DISRUPTION  STEP                NODES       REASON',
      'restart     run kube-scheduler  cp-1, cp-2  extra_args changed',
      '                                cp-3        it is missing',
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
