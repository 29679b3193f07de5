import { describe, expect, test } from 'vitest';
import { subjectText, type ApprovalFacts, type ApprovalState } from '../approval.ts';
import { canonicalJson } from '../canonical.ts';
import { componentSpec } from '../components/component-spec.ts';
import type { Component } from '../components/component.ts';
import type { Declaration } from '../declaration/declaration.ts';
import type { ApprovalReason } from '../declaration/maintenance.ts';
import { parseDeclaration } from '../declaration/parse.ts';
import type { ContainerObservation, Observation, ObservedNode } from '../observation.ts';
import type { Step } from '../steps/step.ts';
import { askForApproval } from './approvals.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';

function declare(version: string, required: ApprovalReason[], labels = ''): Declaration {
  const node = (index: number, rest: string) =>
    `  - { address: 10.0.0.1${index}, hostname: n-${index}, user: cke${rest} }`;
  const parsing = parseDeclaration(
    [
      'name: prod',
      `kubernetes_version: "${version}"`,
      'service_subnet: 10.96.0.0/16',
      'nodes:',
      ...[1, 2, 3].map((index) => node(index, `, control_plane: true${labels}`)),
      node(4, ''),
      `approvals: { required_for: [${required.join(', ')}] }`,
    ].join('\n'),
  );
  if (parsing.outcome !== 'accepted') throw new Error(JSON.stringify(parsing.problems));
  return parsing.declaration;
}

const later = '1.34.4';
const earlier = '1.34.3';

function running(declaration: Declaration, name: string, component: Component): ContainerObservation {
  const node = declaration.nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(name);
  const membership = { start: 'settled', directory: 'm-1' } as const;
  const spec = componentSpec({ declaration, node, component, ...(component === 'etcd' && { membership }) });
  const health = { state: 'healthy' } as const;
  const id = `${component}-${name}-0123456789abcdef`;
  return { id, state: 'running', upSeconds: 900, spec: canonicalJson(spec), epoch: 1, certificates: [], health };
}

/** A cluster that runs as `made` says, and serves. */
function observed(made: Declaration): Observation {
  const seen = (name: string, components: Component[]): ObservedNode => ({
    state: 'observed',
    preflight: 'passed',
    etcdDirectory: 'intact',
    containers: Object.fromEntries(components.map((component) => [component, running(made, name, component)])),
  });
  const all: Component[] = [
    'rivers',
    'etcd-rivers',
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
  ];
  const masters = ['n-1', 'n-2', 'n-3'];
  return {
    at: '2026-01-01T00:00:00.000Z',
    nodes: {
      ...Object.fromEntries(masters.map((name) => [name, seen(name, [...all, 'kubelet', 'kube-proxy'])])),
      'n-4': seen('n-4', ['rivers', 'kubelet', 'kube-proxy']),
    },
    etcd: {
      state: 'observed',
      clusterId: '1',
      authentication: 'enabled',
      members: masters.map((node, index) => ({
        id: String(index + 1),
        name: `10.0.0.1${index + 1}`,
        peerUrls: [`https://10.0.0.1${index + 1}:2380`],
        role: 'voter',
        node,
        sync: 'synced',
        leader: index === 0 ? 'leader' : 'follower',
        alarms: [],
      })),
    },
    kubernetes: {
      state: 'observed',
      nodes: made.nodes.map(({ name }) => ({
        name,
        ready: 'true',
        readyMessage: '',
        schedulable: 'yes',
        labels: {},
        annotations: {},
        taints: [],
        kubeletVersion: `v${made.kubernetes_version}`,
      })),
      apiEndpoints: { ready: ['10.0.0.11', '10.0.0.12', '10.0.0.13'], notReady: [] },
      outdatedObjects: [],
    },
    records: {
      etcd: {
        state: 'done',
        token: 't',
        memberships: Object.fromEntries(masters.map((name) => [name, { directory: 'm-1', state: 'settled' }])),
      },
      ownedAttributes: {},
      cniConfigurations: {},
    },
  };
}

/** Fingerprints that people can read; `answers` by subject. */
function answered(state: ApprovalState, revision = 7): ApprovalFacts {
  return { revision, fingerprintOf: subjectText, stateOf: () => state };
}

const facts = (wished: Declaration, approvals?: ApprovalFacts): Facts => ({
  declaration: wished,
  observation: observed(declare(earlier, [])),
  setAside: [],
  ...(approvals && { approvals }),
});

const kinds = (steps: Step[]) => steps.map(({ kind }) => kind);

describe('an upgrade that a person has to approve', () => {
  const wished = declare(later, ['version-upgrade'], ', labels: { a: b }');
  const plan = decide(facts(wished, answered({ state: 'open' })));

  test('is asked for once, for all of Kubernetes, with from and to', () => {
    expect(plan.pending).toMatchObject([
      {
        kind: 'upgrade',
        target: 'kubernetes',
        from: 'v1.34.3',
        to: 'v1.34.4',
        revision: 7,
        risk: 'version-upgrade',
        nodes: ['n-1'],
      },
    ]);
  });

  test('nothing of it is begun: no API server is replaced, or withdrawn from the endpoints', () => {
    expect(kinds(plan.steps)).not.toContain('run-component');
    expect(kinds(plan.steps)).not.toContain('update-api-endpoints');
  });

  test('what is safe goes on meanwhile', () => {
    expect(kinds(plan.steps)).toContain('update-node-attributes');
  });

  test('is asked for where a container is gone, too: the others tell that what would come is another version', () => {
    const lacking = facts(wished, answered({ state: 'open' }));
    const seen = lacking.observation.nodes['n-2'];
    if (seen?.state === 'observed') delete seen.containers['kube-apiserver'];
    const { pending, steps } = decide(lacking);
    expect(pending?.[0]?.nodes).toContain('n-2');
    expect(kinds(steps)).not.toContain('run-component');
  });

  test('is not what a node is asked about that left as a worker while it votes: it is a control plane still', () => {
    const made = declare(later, ['control-plane-removal']);
    const left = { ...facts(made), observation: observed(made) };
    const nodes = made.nodes.filter(({ name }) => name !== 'n-2');
    const drain: Step = {
      kind: 'drain-node',
      before: 'departure',
      targets: [{ node: 'n-2', because: 'it has left' }],
      disruption: 'drain',
    };
    const asked = askForApproval({ ...left, declaration: { ...made, nodes } }, [drain]);
    expect(asked).toMatchObject({ steps: [], pending: [{ risk: 'control-plane-removal', nodes: ['n-2'] }] });
  });

  test('of etcd is asked for before a new member would bring it along', () => {
    const made = declare(later, ['version-upgrade']);
    const lacking = { ...facts(made), observation: observed(made) };
    const images = { ...made.images, etcd: 'quay.io/coreos/etcd:v3.6.17' };
    const target = { node: 'n-2', because: 'it has no member' };
    const seen = lacking.observation.nodes['n-2'];
    if (seen?.state === 'observed') delete seen.containers.etcd;
    const asked = askForApproval({ ...lacking, declaration: { ...made, images } }, [
      { kind: 'add-etcd-member', target, disruption: 'none' },
    ]);
    expect(asked).toMatchObject({ steps: [], pending: [{ target: 'etcd', to: 'v3.6.17', nodes: ['n-2'] }] });
  });

  test('is begun once it is approved: the API server is withdrawn first', () => {
    const approved = decide(facts(wished, answered({ state: 'approved' })));
    expect(approved.pending).toBeUndefined();
    expect(kinds(approved.steps)).toContain('update-api-endpoints');
  });

  test('a step says which risk it bears, and which approval allows it', () => {
    const withdrawn = facts(wished, answered({ state: 'approved' }));
    const { kubernetes } = withdrawn.observation;
    if (kubernetes.state === 'observed')
      kubernetes.apiEndpoints = { ready: ['10.0.0.12', '10.0.0.13'], notReady: ['10.0.0.11'] };
    const step = decide(withdrawn).steps.find(({ kind }) => kind === 'run-component');
    expect(step).toMatchObject({ component: 'kube-apiserver', risk: 'version-upgrade' });
    expect(step?.approvals).toHaveLength(1);
  });

  test('rejected: it is not done, and the plan says by whom and why', () => {
    const no = decide(facts(wished, answered({ state: 'rejected', by: 'bob', reason: 'not on Friday' })));
    expect(kinds(no.steps)).not.toContain('run-component');
    expect(no.blockers.map(({ because }) => because)).toContain(
      'upgrade: kubernetes, v1.34.3 → v1.34.4 was rejected by bob: not on Friday',
    );
  });

  test('without anybody to ask, it waits: the default is the safe one', () => {
    const unknown = decide(facts(wished));
    expect(unknown.pending).toHaveLength(1);
    expect(kinds(unknown.steps)).not.toContain('run-component');
  });

  test('a policy that does not want it does not ask', () => {
    const free = decide(facts(declare(later, []), answered({ state: 'open' })));
    expect(free.pending).toBeUndefined();
    expect(kinds(free.steps)).toContain('update-api-endpoints');
  });

  test('another image registry alone is no upgrade', () => {
    const mirrored = { ...declare(earlier, ['version-upgrade']) };
    mirrored.images = { ...mirrored.images, 'kube-apiserver': 'registry.example.com/kube-apiserver:v1.34.3' };
    const moved = decide(facts(mirrored, answered({ state: 'open' })));
    expect(moved.pending).toBeUndefined();
    expect(kinds(moved.steps)).toContain('update-api-endpoints');
  });
});

describe('a fingerprint', () => {
  const upgrade = (labels: string, revision: number) =>
    decide(facts(declare(later, ['version-upgrade'], labels), answered({ state: 'open' }, revision))).pending?.[0];

  test('survives unrelated change', () => {
    expect(upgrade(', labels: { a: b }', 7)?.fingerprint).toBe(upgrade('', 7)?.fingerprint);
  });

  test('is another one for another revision', () => {
    expect(upgrade('', 8)?.fingerprint).not.toBe(upgrade('', 7)?.fingerprint);
  });
});

describe('taking nodes out', () => {
  const wished = declare(earlier, ['worker-removal', 'control-plane-removal', 'outage']);
  const because = 'it has left the declaration';
  const open = facts(wished, answered({ state: 'open' }));
  const targets = [{ node: 'w-9', because }];
  const drain: Step = { kind: 'drain-node', before: 'departure', targets, disruption: 'drain' };
  const remove: Step = { kind: 'remove-node', targets, disruption: 'none' };

  test('draining and removing a node are one question', () => {
    const { steps, pending } = askForApproval(open, [drain, remove]);
    expect(steps).toEqual([]);
    expect(pending).toMatchObject([{ kind: 'remove-node', target: 'w-9', to: 'gone', risk: 'worker-removal' }]);
  });

  test('each node is a question of its own, and those that are approved go on', () => {
    const approvals: ApprovalFacts = {
      ...answered({ state: 'open' }),
      stateOf: (fingerprint) => ({ state: fingerprint.includes('w-8') ? 'approved' : 'open' }),
    };
    const both = { ...drain, targets: ['w-8', 'w-9'].map((node) => ({ node, because })) };
    const { steps, pending } = askForApproval({ ...open, approvals }, [both]);
    expect(steps).toMatchObject([{ kind: 'drain-node', targets: [{ node: 'w-8' }], risk: 'worker-removal' }]);
    expect(pending).toMatchObject([{ target: 'w-9' }]);
  });

  test('a voter that goes is the removal of a control plane, a learner is not', () => {
    const member: Step = {
      kind: 'remove-etcd-member',
      target: { node: 'n-3', because },
      memberId: '3',
      manner: 'healthy-voter',
      disruption: 'restart',
    };
    expect(askForApproval(open, [member]).pending).toMatchObject([{ target: 'n-3', risk: 'control-plane-removal' }]);
    expect(askForApproval(open, [{ ...member, manner: 'learner' }]).pending).toEqual([]);
  });

  test('an outage is asked for with the very container that it stops', () => {
    const target = { node: 'n-1', because: 'args changed', containerId: 'a'.repeat(64) };
    const stop: Step = { kind: 'restart-etcd-member', target, disruption: 'outage' };
    expect(askForApproval(open, [stop]).pending).toMatchObject([{ risk: 'outage', from: 'aaaaaaaaaaaa' }]);
    expect(askForApproval(open, [{ ...stop, disruption: 'restart' }]).pending).toEqual([]);
  });
});
