import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { resized, switchedOff } from './testing/membership.ts';
import { brief, unhealthy, unreachable, type Change } from './testing/situations.ts';

/** A worker that is not declared any more: `worker-2`, with what is left on it. */
function left(
  change: { pods?: string[]; refused?: string[]; since?: string; at?: string; drained?: 'no' } = {},
): Facts {
  const facts = resized({ from: 3, to: 3 });
  const { observation } = facts;
  const { kubernetes, records } = observation;
  const node = facts.declaration.nodes.find(({ name }) => name === 'worker-2');
  const seen = observation.nodes['worker-2'];
  if (kubernetes.state !== 'observed' || node === undefined || seen === undefined) throw new Error('all is observed');
  delete observation.nodes['worker-2'];
  observation.departing = { 'worker-2': { node, seen } };
  const { pods = [], refused = [], since = observation.at, at = observation.at } = change;
  kubernetes.podsToEvict = { 'worker-2': pods };
  const because = 'Cannot evict pod as it would violate the pod’s disruption budget';
  if (change.drained !== 'no') {
    records.drains = { 'worker-2': { since, at, refused: refused.map((pod) => ({ pod, because })) } };
    for (const one of kubernetes.nodes) if (one.name === 'worker-2') one.schedulable = 'no';
  }
  const declaration = {
    ...facts.declaration,
    nodes: facts.declaration.nodes.filter(({ name }) => name !== 'worker-2'),
  };
  return { ...facts, declaration };
}

const onWorker = (facts: Facts) => brief(decide(facts), facts).filter((line) => line.includes('worker-2'));
const notReadyFor =
  (seconds: number): Change =>
  (facts) => {
    const { kubernetes, at } = facts.observation;
    const readySince = new Date(Date.parse(at) - seconds * 1000).toISOString();
    if (kubernetes.state === 'observed')
      for (const node of kubernetes.nodes)
        if (node.name === 'worker-2') Object.assign(node, { ready: 'unknown', readySince });
    return facts;
  };
const forgotten: Change = (facts) => {
  const { kubernetes } = facts.observation;
  if (kubernetes.state === 'observed') kubernetes.nodes = kubernetes.nodes.filter(({ name }) => name !== 'worker-2');
  return facts;
};
const sentTo =
  (name: string): Change =>
  (facts) => {
    const { kubernetes, departing } = facts.observation;
    const address = departing?.[name]?.node.address;
    if (kubernetes.state === 'observed' && address !== undefined) kubernetes.apiEndpoints.ready.push(address);
    return facts;
  };
const asking: Change = (facts) => ({
  ...facts,
  declaration: {
    ...facts.declaration,
    approvals: { ...facts.declaration.approvals, required_for: ['control-plane-removal'] },
  },
});
const pods = ['default/echo-1'];

describe('a node that has left the declaration', () => {
  test.each<[question: string, facts: Facts, steps: string[]]>([
    ['it was not drained yet', left({ drained: 'no', pods }), ['drain-node worker-2 (drain)']],
    ['its pods were asked to go a moment ago', left({ pods }), []],
    [
      'a pod refused 6 s ago: it is asked again',
      left({ pods, refused: pods, at: '2025-12-31T23:59:54Z' }),
      ['drain-node worker-2 (drain)'],
    ],
    ['no pod is left', left(), ['remove-node worker-2']],
    ['its kubelet has been away for a moment, and a pod refuses', notReadyFor(60)(left({ pods, refused: pods })), []],
    ['the same, not drained yet', notReadyFor(60)(left({ drained: 'no', pods })), ['drain-node worker-2 (drain)']],
    ['its kubelet is gone: nobody ends its pods any more', notReadyFor(301)(left({ pods })), ['remove-node worker-2']],
    [
      'it is off, and Kubernetes has noticed',
      switchedOff('worker-2')(notReadyFor(60)(left({ pods }))),
      ['delete-node-object worker-2'],
    ],
    ['it is off, and its Node object is gone', switchedOff('worker-2')(forgotten(left({ pods }))), []],
    ['it is back: it is cleaned', forgotten(left({ pods })), ['remove-node worker-2']],
  ])('%s', (_question, facts, steps) => {
    expect(onWorker(facts)).toEqual(steps);
  });

  test('whoever asks is told which pod waits, and why', () => {
    expect(decide(left({ pods, refused: pods })).waits).toEqual([
      { on: 'default/echo-1', because: expect.stringContaining('disruption budget') },
    ]);
  });

  test('after ten minutes a person has to look, and it is still tried', () => {
    const since = '2025-12-31T23:40:00Z';
    const late = left({ pods, refused: pods, since, at: '2025-12-31T23:59:20Z' });
    expect(onWorker(late)).toEqual(['drain-node worker-2 (drain)']);
    expect(decide(late).blockers.map(({ because }) => because)).toEqual([
      expect.stringMatching(/not drained after 1200 of 600 s: 1 pods? .*default\/echo-1/),
    ]);
  });

  test('a machine that stays off holds up nothing, and is told of', () => {
    const plan = decide(switchedOff('worker-2')(forgotten(left())));
    expect({ blockers: plan.blockers, waits: plan.waits, phase: plan.phase }).toEqual({
      blockers: [],
      waits: [],
      phase: 'converged',
    });
    expect(plan.notes).toEqual([expect.stringContaining("worker-2 has left and can't be reached")]);
  });

  test('Kubernetes can’t be observed: nothing is taken away', () => {
    const facts = left();
    facts.observation.kubernetes = { state: 'unobservable', because: 'no API server answers' };
    expect(onWorker(facts)).toEqual([]);
  });
});

describe('the servers of a control plane that leaves, while its etcd member waits', () => {
  const leaving = () => resized({ from: 5, to: 3, leaves: ['cp-4', 'cp-5'] });
  const stops = (facts: Facts) =>
    brief(decide(facts), facts).filter((line) => line.includes('cp-4') && line.startsWith('stop'));

  test('they go: nobody is sent to them, and the declared ones serve', () => {
    expect(stops(leaving())).toEqual([
      expect.stringContaining('kube-apiserver'),
      expect.stringContaining('kube-controller-manager'),
      expect.stringContaining('kube-scheduler'),
    ]);
  });

  test.each<[string, Change]>([
    ['clients are sent to one of them still (A-01)', sentTo('cp-4')],
    ['a declared API server does not serve', unhealthy('kube-apiserver', 'cp-2')],
    ['a declared control plane is out of sight', unreachable('cp-2')],
    ['a person has to say yes to its removal', asking],
  ])('they stay: %s', (_, change) => expect(stops(change(leaving()))).toEqual([]));
});
