import { expect, test } from 'vitest';
import type { ClusterView, ComponentView } from '../../cluster/view.ts';
import { storyOf, storyText } from './why.ts';

const well: ComponentView = { component: 'kubelet', state: 'running', upSeconds: 90, health: 'healthy' };
const crashing: ComponentView = {
  component: 'kube-proxy',
  state: 'restarting',
  upSeconds: 0,
  health: 'unhealthy: it exits',
  restarts: 4,
  drift: 'extra_args: nothing → --no-such-flag',
  lastLog: ['Error: unknown flag: --no-such-flag'],
};
const view: ClusterView = {
  at: '2026-01-01T00:00:00Z',
  cluster: 'prod',
  revision: 3,
  nodes: [
    {
      name: 'w-1',
      address: '10.0.0.21',
      role: 'worker',
      reachable: 'yes',
      ready: 'true',
      components: [well, crashing],
    },
    { name: 'w-10', address: '10.0.0.30', role: 'worker', reachable: 'yes', ready: 'true', components: [well] },
  ],
  etcd: { state: 'unobservable', because: 'no control plane answers' },
  kubernetes: 'observed',
};
const report = {
  blockers: [{ gate: 'crash-loop', code: 'CrashLoop' as const, because: 'kube-proxy on w-1 keeps crashing' }],
  failed: [{ step: 'run kube-proxy on w-1', message: 'it crashed 4 times' }],
};

test('a crashing component: its message, its drift, and what names the node', () => {
  const text = storyText(storyOf('w-1', view, report));
  expect(text).toContain('COMPONENT   STATE       UP          RESTARTS  HEALTH               COMPARED');
  expect(text).toContain(
    'kube-proxy  restarting  -           4         unhealthy: it exits  extra_args: nothing → --no-such-flag',
  );
  expect(text).toContain('kube-proxy: its last 1 line\n  Error: unknown flag: --no-such-flag');
  expect(text).toContain('kube-proxy on w-1 keeps crashing (CrashLoop)');
  expect(text).toContain('run kube-proxy on w-1\n    it crashed 4 times');
});

test('a node whose name begins alike is not blamed', () => {
  const story = storyOf('w-10', view, report);
  expect(story).toMatchObject({ blockers: [], failed: [] });
  expect(storyText(story)).toContain('Everything on it is as declared.');
});

test('a mistyped node: the near one is named', () => {
  expect(() => storyOf('w1', view, report)).toThrow('declares no node w1; did you mean w-1?');
});

test('by address too', () => {
  expect(storyOf('10.0.0.30', view, undefined).node.name).toBe('w-10');
});

test('a node that is not declared any more, and not cleaned yet, has its story, too', () => {
  const gone = { ...view.nodes[1]!, name: 'cp-9', address: '10.0.0.19', role: 'control-plane' as const };
  const story = storyOf('cp-9', { ...view, leaving: [gone] }, undefined);
  expect(storyText(story)).toContain('It is not declared any more, and not cleaned yet.');
  expect(storyText(story)).not.toContain('as declared.');
});
