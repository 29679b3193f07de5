import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import { converged, declare, declareInstead, seen } from './testing/fleet.ts';
import { steps } from './testing/decided.ts';
import {
  all,
  aside,
  dying,
  gone,
  outdated,
  starting,
  stopped,
  unhealthy,
  unknownHealth,
  unreachable,
  type Change,
} from './testing/situations.ts';

const everyone = ['cp-1', 'cp-2', 'cp-3', 'worker-1', 'worker-2', 'worker-3'];
const masters = everyone.slice(0, 3);

describe('kubelets', () => {
  test.each<[question: string, change: Change, expected: string[]]>([
    ['all have another spec: one goes first', outdated('kubelet', ...everyone), ['run kubelet on cp-1 (restart)']],
    [
      'the first one is healthy with it: the others follow together',
      outdated('kubelet', ...everyone.slice(1)),
      ['run kubelet on cp-2 cp-3 worker-1 worker-2 worker-3 (restart)'],
    ],
    [
      'the first one is starting: the others wait',
      all(outdated('kubelet', ...everyone.slice(1)), starting('kubelet', 'cp-1')),
      [],
    ],
    [
      'the first one keeps dying: the others keep theirs',
      all(outdated('kubelet', ...everyone.slice(1)), dying('kubelet', 'cp-1')),
      [],
    ],
    [
      'the first one failed in this operation: the others keep theirs',
      all(outdated('kubelet', ...everyone), aside('run-component', 'cp-1', 'kubelet', 'NotHealthy')),
      [],
    ],
    [
      'the first one was never tried, its node lacks an image: another goes first',
      all(outdated('kubelet', ...everyone), aside('run-component', 'cp-1', 'kubelet', 'ImageMissing')),
      ['run kubelet on cp-2 (restart)'],
    ],
    [
      'a worker’s kubelet was dying before: a healthy node goes first, the broken one holds up nobody',
      all(outdated('kubelet', ...everyone), dying('kubelet', 'worker-1')),
      ['run kubelet on cp-1 (restart)'],
    ],
    [
      'a worker keeps dying, the new spec has proven itself: it gets it, too, beside the others',
      all(outdated('kubelet', 'worker-1', 'worker-2'), dying('kubelet', 'worker-1')),
      ['run kubelet on worker-1', 'run kubelet on worker-2 (restart)'],
    ],
    ['one was removed: it comes back', gone('kubelet', 'worker-2'), ['run kubelet on worker-2']],
    [
      'three were killed: they start together',
      stopped('kubelet', 'cp-1', 'worker-1', 'worker-2'),
      ['start kubelet on cp-1 worker-1 worker-2'],
    ],
    [
      'one was never started',
      (facts) => {
        Object.assign(seen(facts, 'cp-2').containers.kubelet ?? {}, { state: 'created' });
        return facts;
      },
      ['start kubelet on cp-2'],
    ],
    [
      'Docker can’t remove one (dead): it is made anew',
      (facts) => {
        Object.assign(seen(facts, 'cp-2').containers.kubelet ?? {}, { state: 'dead' });
        return facts;
      },
      ['run kubelet on cp-2'],
    ],
    [
      'an unreachable node has another spec: nothing is done to it',
      all(outdated('kubelet', 'worker-1'), unreachable('worker-1')),
      [],
    ],
    [
      'the health of one is unknown: it is not replaced',
      all(outdated('kubelet', 'worker-1'), unknownHealth('kubelet', 'worker-1')),
      [],
    ],
    [
      'an API server has another spec: kubelets come after it (S-03)',
      all(outdated('kubelet', ...everyone), outdated('kube-apiserver', 'cp-2')),
      ['endpoints ready cp-1 cp-3 | not ready cp-2'],
    ],
  ])('%s', (_question, change, expected) => {
    expect(steps(change(converged()))).toEqual(expected);
  });

  test('twelve nodes with a limit of ten: ten at once after the first', () => {
    const facts = converged(declare({ workers: 12 }));
    const names = Object.keys(facts.observation.nodes).filter((name) => name !== 'cp-1');
    const [line] = steps(outdated('kubelet', ...names)(facts));
    expect(line?.split(' ').slice(3, -1)).toHaveLength(10);
  });

  test('in_place_update is off: running ones keep their spec, and all is well', () => {
    const facts = outdated(
      'kubelet',
      ...everyone,
    )(converged(declare({ options: '  kubelet: {in_place_update: false}' })));
    expect(decide(facts)).toMatchObject({ steps: [], blockers: [], waits: [], phase: 'converged' });
  });

  test('in_place_update is off, and one has stopped: it comes back with what is declared', () => {
    const facts = all(
      outdated('kubelet', ...everyone),
      stopped('kubelet', 'worker-1'),
    )(converged(declare({ options: '  kubelet: {in_place_update: false}' })));
    expect(steps(facts)).toEqual(['run kubelet on worker-1']);
  });
});

describe('controller-managers and schedulers', () => {
  test.each<[question: string, change: Change, expected: string[]]>([
    [
      'both have another spec everywhere: one of each',
      all(outdated('kube-controller-manager', ...masters), outdated('kube-scheduler', ...masters)),
      ['run kube-controller-manager on cp-1 (restart)', 'run kube-scheduler on cp-1 (restart)'],
    ],
    [
      'one is down: no other is stopped (A-04)',
      all(outdated('kube-scheduler', 'cp-1', 'cp-2'), starting('kube-scheduler', 'cp-3')),
      [],
    ],
    [
      'one with another spec does not serve: it comes first',
      all(outdated('kube-scheduler', ...masters), unhealthy('kube-scheduler', 'cp-3')),
      ['run kube-scheduler on cp-3'],
    ],
    [
      'an unreachable control plane: the others are updated',
      all(outdated('kube-scheduler', 'cp-1'), unreachable('cp-3')),
      ['run kube-scheduler on cp-1 (restart)', 'endpoints ready cp-1 cp-2 | not ready cp-3'],
    ],
  ])('%s', (_question, change, expected) => {
    expect(steps(change(converged())).toSorted()).toEqual(expected.toSorted());
  });

  test('a scheduler refuses a flag: only one node tried it, and its message is told', () => {
    const facts = all(outdated('kube-scheduler', 'cp-2', 'cp-3'), dying('kube-scheduler', 'cp-1'))(converged());
    expect(steps(facts)).toEqual([]);
    expect(decide(facts).blockers[0]).toMatchObject({
      gate: 'crash-loop',
      code: 'CrashLoop',
      node: 'cp-1',
      component: 'kube-scheduler',
    });
    expect(decide(facts).blockers[0]?.because).toContain('unknown flag');
  });
});

describe('rivers and kube-proxy', () => {
  test('rivers on two nodes has another spec, one of them unreachable', () => {
    const facts = all(outdated('rivers', 'cp-1', 'cp-2'), unreachable('cp-1'))(converged());
    expect(steps(facts)).toContain('run rivers on cp-2 (restart)');
  });

  test('one rivers has stopped and one is outdated: both in the same round', () => {
    const facts = all(stopped('rivers', 'worker-1'), outdated('rivers', 'worker-2'))(converged());
    expect(steps(facts)).toEqual(['start rivers on worker-1', 'run rivers on worker-2 (restart)']);
  });

  test('kube-proxy is disabled: it is stopped everywhere', () => {
    const facts = declareInstead(converged(), declare({ options: '  kube-proxy: {disable: true}' }));
    expect(steps(facts)).toEqual([`stop kube-proxy on ${everyone.join(' ')} (restart)`]);
  });

  test('a container of somebody else has the name kube-proxy: it is not ours to stop', () => {
    const facts = declareInstead(converged(), declare({ options: '  kube-proxy: {disable: true}' }));
    for (const name of everyone) delete seen(facts, name).containers['kube-proxy']?.spec;
    expect(steps(facts)).toEqual([]);
  });
});
