import { describe, expect, test } from 'vitest';
import { enrolled } from '../declaration/enrolled.ts';
import { converged, declare, declared, seen } from './testing/fleet.ts';
import { says, steps } from './testing/decided.ts';
import {
  all,
  aside,
  dying,
  endpoints,
  gone,
  outdated,
  starting,
  stopped,
  unhealthy,
  unknownHealth,
  unreachable,
  unsynced,
  type Change,
} from './testing/situations.ts';

const every = ['cp-1', 'cp-2', 'cp-3'];
const unobserved: Change = (facts) => {
  facts.observation.kubernetes = { state: 'unobservable', because: 'no API server answers that it is ready' };
  return facts;
};
const none = all(unobserved, gone('kube-apiserver', ...every));

test.each<[question: string, change: Change, expected: string[]]>([
  [
    'etcd is healthy, and there is no API server yet: all of them come up together',
    none,
    ['run kube-apiserver on cp-1 cp-2 cp-3'],
  ],
  ['the same with a control plane out of reach', all(none, unreachable('cp-3')), ['run kube-apiserver on cp-1 cp-2']],
  [
    'a control plane is off: its address is taken out of the endpoints',
    unreachable('cp-1'),
    ['endpoints ready cp-2 cp-3 | not ready cp-1'],
  ],
  [
    'a control plane is off and out of the endpoints: nothing more',
    all(endpoints(['cp-2', 'cp-3'], ['cp-1']), unreachable('cp-1')),
    [],
  ],
  [
    'all have another spec: one is withdrawn first',
    outdated('kube-apiserver', ...every),
    ['endpoints ready cp-2 cp-3 | not ready cp-1'],
  ],
  [
    'the first one is withdrawn: it is replaced',
    all(outdated('kube-apiserver', ...every), endpoints(['cp-2', 'cp-3'], ['cp-1'], ['cp-1'])),
    ['run kube-apiserver on cp-1 (restart)'],
  ],
  [
    'it was withdrawn for a replacement, and does not serve any more: it drains no longer',
    all(unhealthy('kube-apiserver', 'cp-1'), endpoints(['cp-2', 'cp-3'], ['cp-1'], ['cp-1'])),
    ['endpoints ready cp-2 cp-3 | not ready cp-1'],
  ],
  [
    'the first one has just been replaced and is starting: nobody else is touched',
    all(
      outdated('kube-apiserver', 'cp-2', 'cp-3'),
      starting('kube-apiserver', 'cp-1'),
      endpoints(['cp-2', 'cp-3'], ['cp-1']),
    ),
    [],
  ],
  [
    'the first one serves again: it is sent clients, and the second one is withdrawn',
    all(outdated('kube-apiserver', 'cp-2', 'cp-3'), endpoints(['cp-2', 'cp-3'], ['cp-1'])),
    ['endpoints ready cp-1 cp-3 | not ready cp-2'],
  ],
  [
    'two were killed: both start at once',
    all(stopped('kube-apiserver', 'cp-2', 'cp-3')),
    ['start kube-apiserver on cp-2 cp-3', 'endpoints ready cp-1 | not ready cp-2 cp-3'],
  ],
  [
    'one was killed, another is outdated and serves: only the first is touched',
    all(stopped('kube-apiserver', 'cp-1'), outdated('kube-apiserver', 'cp-3')),
    ['start kube-apiserver on cp-1', 'endpoints ready cp-2 cp-3 | not ready cp-1'],
  ],
  [
    'one is outdated, another does not serve: no API server is stopped',
    all(outdated('kube-apiserver', 'cp-2'), unhealthy('kube-apiserver', 'cp-3'), endpoints(['cp-1', 'cp-2'], ['cp-3'])),
    [],
  ],
  [
    'two are outdated and do not serve at the moment: one at a time, since they may recover',
    all(
      outdated('kube-apiserver', 'cp-1', 'cp-2'),
      unhealthy('kube-apiserver', 'cp-1', 'cp-2'),
      endpoints(['cp-3'], ['cp-1', 'cp-2']),
    ),
    ['run kube-apiserver on cp-1'],
  ],
  [
    'one is outdated and dies again and again, and clients are sent to it: it may come back, and is withdrawn first',
    all(outdated('kube-apiserver', 'cp-3'), dying('kube-apiserver', 'cp-3')),
    ['endpoints ready cp-1 cp-2 | not ready cp-3'],
  ],
  [
    'one is outdated, runs and does not serve, and clients are sent to it: the same',
    all(outdated('kube-apiserver', 'cp-3'), unhealthy('kube-apiserver', 'cp-3')),
    ['endpoints ready cp-1 cp-2 | not ready cp-3'],
  ],
  [
    'the same while Kubernetes can’t be observed: whether clients are sent to it is not known',
    all(outdated('kube-apiserver', 'cp-3'), unhealthy('kube-apiserver', 'cp-3'), unobserved),
    [],
  ],
  [
    'two are outdated and die again and again: one after the other, since each may serve again',
    all(
      outdated('kube-apiserver', 'cp-1', 'cp-2'),
      dying('kube-apiserver', 'cp-1', 'cp-2'),
      endpoints(['cp-3'], ['cp-1', 'cp-2']),
    ),
    ['run kube-apiserver on cp-1'],
  ],
  [
    'one is outdated and does not serve, another keeps dying: the other comes first',
    all(
      outdated('kube-apiserver', 'cp-1', 'cp-2'),
      unhealthy('kube-apiserver', 'cp-1'),
      dying('kube-apiserver', 'cp-2'),
      endpoints(['cp-3'], ['cp-1', 'cp-2']),
    ),
    ['run kube-apiserver on cp-2'],
  ],
  [
    'all are outdated and die again and again: nothing serves that could withdraw them, and they take turns all the same',
    all(outdated('kube-apiserver', ...every), dying('kube-apiserver', ...every), unobserved),
    ['run kube-apiserver on cp-1'],
  ],
  [
    'all are outdated and die again and again, and the first one’s image can’t be had: the next',
    all(
      outdated('kube-apiserver', ...every),
      dying('kube-apiserver', ...every),
      unobserved,
      aside('run-component', 'cp-1', 'kube-apiserver', 'ImageMissing'),
    ),
    ['run kube-apiserver on cp-2'],
  ],
  [
    'one lost etcd-rivers and is outdated while another is being brought up: only the other',
    all(
      outdated('kube-apiserver', 'cp-3'),
      unhealthy('kube-apiserver', 'cp-3'),
      gone('kube-apiserver', 'cp-1'),
      endpoints(['cp-2'], ['cp-1', 'cp-3']),
    ),
    ['run kube-apiserver on cp-1'],
  ],
  [
    'the health of one is unknown: no API server is stopped',
    all(
      outdated('kube-apiserver', ...every),
      unknownHealth('kube-apiserver', 'cp-2'),
      endpoints(['cp-1', 'cp-3'], ['cp-2']),
    ),
    [],
  ],
  ['the quorum of etcd is lost: API servers are left alone', all(none, unsynced('cp-1', 'cp-2')), []],
])('%s', (_question, change, expected) => {
  expect(steps(change(converged()))).toEqual(expected);
});

test('the only one that stays is outdated: clients are taken from those that leave before it is replaced (A-01)', () => {
  const facts = outdated('kube-apiserver', 'cp-1')(converged(declare({ controlPlanes: 1 })));
  const { kubernetes } = facts.observation;
  if (kubernetes.state !== 'observed') throw new Error('Kubernetes is observed');
  kubernetes.apiEndpoints.ready.push('10.0.0.99');
  expect(steps(facts)).toEqual(['endpoints ready cp-1 | not ready']);
  expect(steps(endpoints(['cp-1'], [])(facts))).toEqual(['run kube-apiserver on cp-1 (outage)']);
});

test('nobody can tell to whom clients are sent: the only one that stays is replaced once no other stands (A-01)', () => {
  const facts = outdated('kube-apiserver', 'cp-1')(converged(declare({ controlPlanes: 1 })));
  facts.observation.kubernetes = { state: 'unobservable', because: 'it does not answer' };
  const former = seen(facts, 'worker-1');
  const { 'kube-apiserver': server } = seen(facts, 'cp-1').containers;
  expect(steps(facts)).toContain('run kube-apiserver on cp-1 (outage)');
  former.containers = { ...former.containers, ...(server && { 'kube-apiserver': server }) };
  expect(steps(facts).join()).not.toContain('run kube-apiserver');
});

describe('a new spec that crashes', () => {
  const tried = all(
    outdated('kube-apiserver', 'cp-2', 'cp-3'),
    dying('kube-apiserver', 'cp-1'),
    endpoints(['cp-2', 'cp-3'], ['cp-1']),
  );

  test('is not tried on a second node, and its last words are told', () => {
    const facts = tried(converged());
    expect(steps(facts)).toEqual([]);
    expect(says(facts)).toContain(
      'kube-apiserver on cp-1 has been restarted 4 times; it says: Error: unknown flag: --no-such-flag',
    );
  });

  test('another API server is killed meanwhile: it is started with the spec that it had', () => {
    const facts = all(tried, stopped('kube-apiserver', 'cp-2'))(converged());
    expect(steps(facts)).toEqual(['start kube-apiserver on cp-2', 'endpoints ready cp-3 | not ready cp-1 cp-2']);
  });

  test('the declaration is corrected: the crashing one is replaced at once', () => {
    const facts = all(
      outdated('kube-apiserver', 'cp-1'),
      dying('kube-apiserver', 'cp-1'),
      endpoints(['cp-2', 'cp-3'], ['cp-1']),
    )(converged());
    expect(steps(facts)).toEqual(['run kube-apiserver on cp-1']);
  });

  test('it failed in this operation, and its node is out of sight now: it still goes to nobody else', () => {
    const facts = all(
      outdated('kube-apiserver', 'cp-2', 'cp-3'),
      endpoints(['cp-2', 'cp-3'], ['cp-1']),
      unreachable('cp-1'),
      aside('run-component', 'cp-1', 'kube-apiserver'),
    )(converged());
    expect(steps(facts)).toEqual([]);
  });
});

describe('what can’t be seen', () => {
  test('a control plane is out of reach: API servers with another spec keep running, and it says why', () => {
    const facts = all(
      outdated('kube-apiserver', 'cp-2', 'cp-3'),
      endpoints(['cp-2', 'cp-3'], ['cp-1']),
      unreachable('cp-1'),
    )(converged());
    expect(steps(facts)).toEqual([]);
    expect(says(facts)).toContain("cp-1 can't be observed, and no API server is stopped meanwhile");
  });

  test('Kubernetes can’t be observed: nobody can be withdrawn, so nobody is stopped', () => {
    const facts = outdated('kube-apiserver', ...every)(converged());
    facts.observation.kubernetes = { state: 'unobservable', because: 'the look timed out' };
    expect(steps(facts)).toEqual([]);
    expect(says(facts)).toContain("Kubernetes can't be observed: the look timed out");
  });
});

describe('a single control plane', () => {
  test('its API server is replaced without being withdrawn, as an outage (A-06)', () => {
    const facts = outdated('kube-apiserver', 'cp-1')(converged(declare({ controlPlanes: 1 })));
    expect(steps(facts)).toEqual(['run kube-apiserver on cp-1 (outage)']);
  });
});

test('a control plane dies for good, and no upgrade goes on: what is missing elsewhere comes all the same', () => {
  const facts = all(gone('kubelet', 'worker-1'), unreachable('cp-3'))(converged());
  const { kubernetes, records } = facts.observation;
  if (kubernetes.state !== 'observed') throw new Error('Kubernetes is observed');
  kubernetes.nodes = kubernetes.nodes.filter(({ name }) => name !== 'cp-3');
  records.nodes = { 'cp-3': enrolled(declared(facts, 'cp-3')) };
  expect(steps(facts).join()).toContain('run kubelet on worker-1');
});
