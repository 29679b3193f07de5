import { describe, expect, test } from 'vitest';
import { parseDeclaration } from '../declaration/parse.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { enrolled } from '../declaration/enrolled.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { predict } from './predict.ts';
import { converged, declareInstead, seen } from './testing/fleet.ts';
import { all, brief, gone, outdated, stopped, unreachable, type Change } from './testing/situations.ts';

const [older, newer] = ['1.33.13', '1.34.4'];

/** Three control planes and three workers at a version, two kubelets at a time. */
function at(version: string, etcd = 'v3.6.16', drains = 0): Declaration {
  const machine = (name: string, octet: number, more = '') =>
    `  - {address: 10.0.0.${octet}, hostname: ${name}, user: cke${more}}`;
  const nodes = [
    ...[1, 2, 3].map((n) => machine(`cp-${n}`, 10 + n, ', control_plane: true')),
    ...[1, 2, 3].map((n) => machine(`worker-${n}`, 20 + n)),
  ];
  const parsed = parseDeclaration(`name: test
kubernetes_version: ${version}
images: {etcd: 'quay.io/coreos/etcd:${etcd}'}
update_strategy: {max_concurrent_updates: 2, max_concurrent_drains: ${drains}}
nodes:
${nodes.join('\n')}
service_subnet: 10.96.0.0/16
pod_subnet: 10.244.0.0/16
`);
  if (parsed.outcome === 'refused') throw new Error(JSON.stringify(parsed.problems));
  return parsed.declaration;
}

const upgrading = (from = at(older), to = at(newer)): Facts => declareInstead(converged(from), to);

/** The kubelet of a node was made from the image of the minor before. */
const kubeletImage =
  (name: string): Change =>
  (facts) => {
    const { containers } = seen(facts, name);
    const { kubelet } = containers;
    if (kubelet?.spec === undefined) throw new Error('there is a kubelet');
    containers.kubelet = { ...kubelet, spec: kubelet.spec.replace(`:v${newer}`, `:v${older}`) };
    return facts;
  };

/** The rounds of an operation in which every step succeeds. */
function rounds(facts: Facts): string[][] {
  const found: string[][] = [];
  let { observation } = facts;
  for (;;) {
    const plan = decide({ ...facts, observation });
    if (plan.steps.length === 0 || found.length > 40) return found;
    found.push(brief(plan, facts));
    for (const step of plan.steps) observation = predict(step, { declaration: facts.declaration, observation });
  }
}

describe('a minor of Kubernetes', () => {
  test('API servers one by one, each withdrawn before; then the rest, kubelets two at a time behind the first', () => {
    expect(rounds(upgrading())).toEqual([
      ['endpoints ready cp-2 cp-3 | not ready cp-1'],
      ['run kube-apiserver on cp-1 (restart)'],
      ['endpoints ready cp-1 cp-3 | not ready cp-2'],
      ['run kube-apiserver on cp-2 (restart)'],
      ['endpoints ready cp-1 cp-2 | not ready cp-3'],
      ['run kube-apiserver on cp-3 (restart)'],
      [
        'endpoints ready cp-1 cp-2 cp-3 | not ready',
        'run kube-controller-manager on cp-1 (restart)',
        'run kube-scheduler on cp-1 (restart)',
        'run kubelet on cp-1 (restart)',
        'run kube-proxy on cp-1 (restart)',
      ],
      [
        'run kube-controller-manager on cp-2 (restart)',
        'run kube-scheduler on cp-2 (restart)',
        'run kubelet on cp-2 cp-3 (restart)',
        'run kube-proxy on cp-2 cp-3 (restart)',
      ],
      [
        'run kube-controller-manager on cp-3 (restart)',
        'run kube-scheduler on cp-3 (restart)',
        'run kubelet on worker-1 worker-2 (restart)',
        'run kube-proxy on worker-1 worker-2 (restart)',
      ],
      ['run kubelet on worker-3 (restart)', 'run kube-proxy on worker-3 (restart)'],
    ]);
  });

  test.each<[question: string, change: Change, expected: RegExp]>([
    ['a kubelet is missing: it would be newer than the API servers', gone('kubelet', 'worker-1'), /run kubelet/],
    ['a scheduler is missing', gone('kube-scheduler', 'cp-2'), /run kube-scheduler/],
  ])('%s: it comes when all API servers are new (S-02)', (_question, change, awaited) => {
    const found = rounds(change(upgrading())).map((round) => round.join('\n'));
    const first = found.findIndex((round) => awaited.test(round));
    const last = found.findLastIndex((round) => round.includes('run kube-apiserver'));
    expect(first).toBeGreaterThan(last);
  });

  test('a kubelet is missing while a control plane is out of sight, whose API server may be old: it waits (S-02)', () => {
    const facts = all(gone('kubelet', 'worker-1'), unreachable('cp-2'))(upgrading(at(newer), at(newer)));
    expect(rounds(facts).flat()).toContain('run kubelet on worker-1');
    const { kubernetes, records } = facts.observation;
    records.nodes = Object.fromEntries(facts.declaration.nodes.map((node) => [node.name, enrolled(node)]));
    if (kubernetes.state === 'observed') for (const node of kubernetes.nodes) node.kubeletVersion = `v${older}`;
    expect(rounds(facts).flat(), 'others have followed all API servers').toContain('run kubelet on worker-1');
    for (const node of Object.values(facts.observation.nodes))
      if (node.state === 'observed')
        for (const component of ['kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'] as const) {
          const follower = node.containers[component];
          if (follower?.spec !== undefined) follower.spec = follower.spec.replaceAll(`:v${newer}`, `:v${older}`);
        }
    expect(rounds(facts).flat()).not.toContain('run kubelet on worker-1');
  });

  test('a kubelet has stopped: it is started as it was, in the first round', () => {
    expect(rounds(stopped('kubelet', 'worker-1')(upgrading()))[0]).toContain('start kubelet on worker-1');
  });

  test('a kubelet has stopped that is new already: it waits for the API servers, and is not started beside older ones (S-02)', () => {
    const facts = upgrading();
    const { containers } = seen(facts, 'worker-1');
    const { kubelet } = containers;
    if (kubelet?.spec === undefined) throw new Error('there is a kubelet');
    const spec = kubelet.spec.replace(`:v${older}`, `:v${newer}`);
    containers.kubelet = { ...kubelet, state: 'exited', spec };
    expect(rounds(facts)[0]).not.toContain('start kubelet on worker-1');
    expect(rounds(facts).flat()).toContain('start kubelet on worker-1');
  });

  test('etcd two minors behind: no member is stopped, with the numbers (S-05)', () => {
    const made = at(older);
    const images = { ...made.images, etcd: 'quay.io/coreos/etcd:v3.8.0' };
    const plan = decide(upgrading(made, { ...made, images }));
    expect(plan.steps).toEqual([]);
    expect(plan.blockers.map(({ because }) => because).join('\n')).toContain('it would be 2 minors behind 3.8');
  });

  test('a control plane is out of reach: no API server is touched, and who waits for it is said', () => {
    const plan = decide(unreachable('cp-2')(upgrading()));
    expect(plan.steps.filter(({ kind }) => kind === 'run-component')).toEqual([]);
    expect(plan.blockers.map(({ because }) => because).join('\n')).toContain('cp-2');
  });

  test('an API server two minors behind: none goes further, with the numbers (S-01)', () => {
    const plan = decide(upgrading(at(older), at('1.35.0')));
    expect(plan.steps).toEqual([]);
    expect(plan.blockers.map(({ because }) => because).join('\n')).toContain(
      'kube-apiserver on cp-1 runs v1.33.13: it would be 2 minors behind 1.35, and at most 1 are allowed',
    );
  });
});

describe('with max_concurrent_drains', () => {
  const draining = (drains: number) => upgrading(at(older), at(newer, 'v3.6.16', drains));
  const onNodes = (facts: Facts) =>
    rounds(facts)
      .map((round) => round.filter((line) => /kubelet|drain|uncordon/.test(line)))
      .filter((round) => round.length > 0);

  test('a node is drained before its kubelet gets the new version, and takes pods again after it; one goes first', () => {
    expect(onNodes(draining(2))).toEqual([
      ['drain-node cp-1 (drain)'],
      ['run kubelet on cp-1 (restart)'],
      ['drain-node cp-2 cp-3 (drain)', 'uncordon-node cp-1'],
      ['run kubelet on cp-2 cp-3 (restart)'],
      ['drain-node worker-1 worker-2 (drain)', 'uncordon-node cp-2 cp-3'],
      ['run kubelet on worker-1 worker-2 (restart)'],
      ['drain-node worker-3 (drain)', 'uncordon-node worker-1 worker-2'],
      ['run kubelet on worker-3 (restart)'],
      ['uncordon-node worker-3'],
    ]);
  });

  test('a pod that may not go keeps the kubelet as it is, and it is said which', () => {
    const facts = all(outdated('kubelet', 'worker-1'), kubeletImage('worker-1'))(converged(at(newer, 'v3.6.16', 1)));
    const { kubernetes, records, at: now } = facts.observation;
    if (kubernetes.state !== 'observed') throw new Error('Kubernetes is observed');
    kubernetes.podsToEvict = { 'worker-1': ['default/db-0'] };
    for (const node of kubernetes.nodes) if (node.name === 'worker-1') node.schedulable = 'no';
    const refused = [{ pod: 'default/db-0', because: 'its PodDisruptionBudget' }];
    records.drains = { 'worker-1': { before: 'schedulable', since: now, at: now, refused } };
    const plan = decide(facts);
    expect(plan.steps).toEqual([]);
    expect(plan.waits.map(({ on, because }) => `${on}: ${because}`).join('\n')).toContain(
      'default/db-0: not evicted from worker-1 yet: its PodDisruptionBudget',
    );
  });

  test('another change than its version drains nothing', () => {
    const facts = outdated('kubelet', 'worker-1')(converged(at(newer, 'v3.6.16', 1)));
    expect(onNodes(facts)).toEqual([['run kubelet on worker-1 (restart)']]);
  });

  test('a node that left and was declared again takes pods again', () => {
    const facts = converged(at(newer));
    const { kubernetes, records, at: now } = facts.observation;
    if (kubernetes.state === 'observed')
      for (const node of kubernetes.nodes) if (node.name === 'worker-1') node.schedulable = 'no';
    records.drains = { 'worker-1': { before: 'schedulable', since: now, at: now, refused: [] } };
    expect(rounds(facts)).toEqual([['uncordon-node worker-1']]);
  });
});

test('a patch of etcd: one member at a time, the leader last', () => {
  expect(rounds(upgrading(at(newer, 'v3.6.15'), at(newer, 'v3.6.16')))).toEqual([
    ['restart-etcd-member cp-2 (restart)'],
    ['restart-etcd-member cp-3 (restart)'],
    ['restart-etcd-member cp-1 (restart)'],
  ]);
});

test('Kubernetes and etcd at once: never a member and an API server in the same round (A-03)', () => {
  const found = rounds(upgrading(at(older, 'v3.6.15'), at(newer, 'v3.6.16')));
  const both = found.filter((round) => /etcd-member/.test(round.join()) && /run kube-apiserver/.test(round.join()));
  expect(both).toEqual([]);
});
