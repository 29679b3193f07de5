import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { converged, declare, declareInstead, declared } from './testing/fleet.ts';
import { steps } from './testing/decided.ts';
import { all, aside, gone, looks, outdated, unknownHealth, unreachable, type Change } from './testing/situations.ts';

describe('is everything as declared?', () => {
  test('yes: nothing is done, nothing is said', () => {
    expect(decide(converged())).toMatchObject({ phase: 'converged', steps: [], blockers: [], waits: [] });
  });

  test.each<[question: string, change: Change]>([
    ['a worker is off', unreachable('worker-1')],
    ['a control plane is off', unreachable('cp-1')],
    ['the health of a kubelet is unknown', unknownHealth('kubelet', 'worker-1')],
    [
      'the health of an outdated kubelet is unknown',
      all(outdated('kubelet', 'worker-1'), unknownHealth('kubelet', 'worker-1')),
    ],
    [
      'etcd can’t be observed',
      (facts) => {
        facts.observation.etcd = { state: 'unobservable', because: 'timeout' };
        return facts;
      },
    ],
    [
      'Kubernetes can’t be observed',
      (facts) => {
        facts.observation.kubernetes = { state: 'unobservable', because: 'timeout' };
        return facts;
      },
    ],
    [
      'a node was not looked at',
      (facts) => {
        delete facts.observation.nodes['worker-1'];
        return facts;
      },
    ],
    ['a step failed', aside('update-node-attributes', 'worker-1', undefined, 'KubernetesRefused')],
    [
      'a member has raised an alarm',
      (facts) => {
        if (facts.observation.etcd.state === 'observed') facts.observation.etcd.members[0]?.alarms.push('NOSPACE');
        return facts;
      },
    ],
    [
      'a node is not Ready',
      (facts) => {
        node(facts, 'worker-1').ready = 'false';
        return facts;
      },
    ],
  ])('%s: it is never called converged', (_question, change) => {
    const plan = decide(change(converged()));
    expect(plan.phase).not.toBe('converged');
    expect(plan.blockers.length + plan.waits.length).toBeGreaterThan(0);
  });

  test('a crash loop is over, and its container has healed: nothing is said of its restarts', () => {
    const facts = looks('kubelet', ['worker-1'], { restarts: 7 })(converged());
    expect(decide(facts)).toMatchObject({ phase: 'converged', blockers: [] });
  });
});

describe('what an operator reads', () => {
  test('an unreachable node: which one, why, and what would help', () => {
    expect(decide(unreachable('worker-1')(converged())).blockers).toEqual([
      {
        gate: 'node-unreachable',
        code: 'NodeUnreachable',
        node: 'worker-1',
        because: 'worker-1 does not answer',
        fix: 'bring worker-1 back, or take it out of the declaration',
      },
    ]);
  });

  test('a changed argument: the step says which', () => {
    const facts = declareInstead(converged(), declare({ options: '  kube-scheduler: {extra_args: [--v=3]}' }));
    expect(decide(facts).steps).toMatchObject([
      {
        kind: 'run-component',
        component: 'kube-scheduler',
        targets: [{ node: 'cp-1', because: 'args: --v=3 added', containerId: 'kube-scheduler@cp-1' }],
      },
    ]);
  });

  test('a step failed for one node: its other nodes are not held up', () => {
    const facts = all(
      gone('kube-proxy', 'worker-1', 'worker-2'),
      aside('run-component', 'worker-1', 'kube-proxy'),
    )(converged());
    expect(steps(facts)).toEqual(['run kube-proxy on worker-2']);
  });
});

describe('nodes in Kubernetes', () => {
  test('a label is declared: only that node is touched', () => {
    const facts = converged();
    declared(facts, 'worker-2').labels = { tier: 'front' };
    expect(steps(facts)).toEqual(['update-node-attributes worker-2']);
  });

  test('a label that we set is declared no longer: it is removed', () => {
    const facts = converged();
    Object.assign(node(facts, 'worker-2').labels, { tier: 'front' });
    facts.observation.records.ownedAttributes['worker-2'] = { labels: ['tier'], annotations: [], taints: [] };
    expect(steps(facts)).toEqual(['update-node-attributes worker-2']);
  });

  test('a taint is declared', () => {
    const facts = converged();
    declared(facts, 'worker-2').taints = [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }];
    expect(steps(facts)).toEqual(['update-node-attributes worker-2']);
  });

  test('Node objects are gone while their kubelets run: these are started anew', () => {
    const facts = converged();
    forget(facts, 'cp-2', 'worker-1');
    expect(steps(facts)).toEqual(['run kubelet on cp-2 worker-1 (restart)']);
  });

  test('a kubelet has just started and not registered yet: that is waited for', () => {
    const facts = looks('kubelet', ['worker-1'], { upSeconds: 5 })(converged());
    forget(facts, 'worker-1');
    expect(steps(facts)).toEqual([]);
    expect(decide(facts).waits.map(({ on }) => on)).toEqual(['worker-1']);
  });

  const tooLate =
    'failed to initialize CSINode: error updating CSINode annotation: timed out waiting for the condition; caused by: nodes "worker-1" not found';
  test.each([
    ['it pauses for two minutes: it is started anew', 40, tooLate, ['run kubelet on worker-1 (restart)']],
    ['it may still look once more by itself', 20, tooLate, []],
    ['that can’t help', 600, 'failed to initialize CSINode: csinodes "worker-1" is forbidden', []],
  ] as const)('a kubelet failed to prepare its CSINode, %s', (_, upSeconds, readyMessage, wanted) => {
    const facts = looks('kubelet', ['worker-1'], { upSeconds })(converged());
    Object.assign(node(facts, 'worker-1'), { ready: 'false', readyMessage });
    expect(steps(facts)).toEqual(wanted);
  });

  test.each([
    [20, ['run kubelet on worker-1 (restart)']],
    [45, []],
  ])('its node has not been Ready for %i s: it is started anew once, and then has its time', (seconds, wanted) => {
    const facts = looks('kubelet', ['worker-1'], { upSeconds: 40 })(converged());
    const readySince = new Date(Date.parse(facts.observation.at) - seconds * 1000).toISOString();
    Object.assign(node(facts, 'worker-1'), { ready: 'false', readyMessage: tooLate, readySince });
    expect(steps(facts)).toEqual(wanted);
  });

  test('registering was tried in vain: it is reported, and not waited for', () => {
    const facts = aside('run-component', 'worker-1', 'kubelet', 'NotHealthy')(converged());
    forget(facts, 'worker-1');
    expect(decide(facts)).toMatchObject({
      steps: [],
      waits: [],
      blockers: [{ gate: 'step-failed', node: 'worker-1' }],
    });
  });

  test.each([
    ['its kubelet is young', 20, 'waits'],
    ['its kubelet is old', 600, 'blockers'],
  ] as const)('a node is not Ready and %s', (_age, upSeconds, where) => {
    const facts = looks('kubelet', ['worker-1'], { upSeconds })(converged());
    Object.assign(node(facts, 'worker-1'), { ready: 'false', readyMessage: 'container runtime is down' });
    expect(decide(facts)[where]).toMatchObject([{ because: 'worker-1 is not Ready: container runtime is down' }]);
  });
});

describe('CNI configuration', () => {
  const cni = `  kubelet: {cni_conf_file: {name: 10-test.conflist, content: '{"cniVersion": "0.4.0", "name": "test", "plugins": [{"type": "bridge", "subnet": "$POD_CIDR"}]}'}}`;

  test('a node has got its pod CIDR: the file is installed there', () => {
    const facts = converged(declare({ options: cni }));
    delete facts.observation.records.cniConfigurations['worker-1'];
    expect(decide(facts).steps).toMatchObject([
      { kind: 'install-cni-configuration', targets: [{ node: 'worker-1', podCidr: '10.244.3.0/24' }] },
    ]);
  });

  test('a node has no pod CIDR yet: it waits', () => {
    const facts = converged(declare({ options: cni }));
    delete facts.observation.records.cniConfigurations['worker-1'];
    delete node(facts, 'worker-1').podCidr;
    expect(steps(facts)).toEqual([]);
  });
});

function node(facts: Facts, name: string) {
  const { kubernetes } = facts.observation;
  const found = kubernetes.state === 'observed' ? kubernetes.nodes.find((one) => one.name === name) : undefined;
  if (found === undefined) throw new Error(`${name} is not registered`);
  return found;
}

function forget(facts: Facts, ...names: string[]): void {
  const { kubernetes } = facts.observation;
  if (kubernetes.state === 'observed') kubernetes.nodes = kubernetes.nodes.filter(({ name }) => !names.includes(name));
}
