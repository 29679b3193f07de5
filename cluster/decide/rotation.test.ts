import { describe, expect, test } from 'vitest';
import { pluginAuthority } from '../certificates/certificate.ts';
import {
  rotatables,
  tokenSigner,
  turnedBack,
  type Rotatable,
  type Rotation,
  type RotationStage,
} from '../certificates/trust.ts';
import type { Component } from '../components/component.ts';
import { componentSpec } from '../components/component-spec.ts';
import { canonicalJson } from '../canonical.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { nodesOf } from '../steps/describe-step.ts';
import { decide } from './decide.ts';
import { etcdMembershipOf } from './etcd-membership.ts';
import type { Facts } from './facts.ts';
import { missingForStage } from './rotation.ts';
import { steps } from './testing/decided.ts';
import { byVault, converged, declare } from './testing/fleet.ts';

const begun: Rotation = {
  stage: 'trust-both',
  from: 'root-1',
  to: 'root-2',
  by: 'alice@bastion',
  startedAt: '2026-01-01T00:00:00Z',
  since: '2026-01-01T00:00:00Z',
  direction: 'forward',
  without: [],
  pods: 'ask',
};

/** With the plugin where its CA is rotated. */
const declareFor = (of: Rotatable): Declaration => declare(of === pluginAuthority ? { encryption: byVault } : {});

const inStage = (of: Rotatable, stage: RotationStage): Declaration => ({
  ...declareFor(of),
  trust: { [of]: { ...begun, stage } },
});

/** A fleet that is as `is` wants it, and what is wanted now. */
function fleet(is: Declaration, wanted: Declaration): Facts {
  return { ...converged(is), declaration: wanted };
}

/** The components that a stage of a rotation still has to change, once the stage before is complete. */
function toChange(of: Rotatable, before: Declaration, stage: RotationStage): string[] {
  const declaration = inStage(of, stage);
  const { observation } = fleet(before, declaration);
  const missing = missingForStage({ declaration, observation, of, rotation: { ...begun, stage } });
  return [...new Set(missing.map(({ component = 'time' }) => component))].sort();
}

const api: Component[] = ['kube-apiserver'];
const everything: Component[] = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubelet',
  'rivers',
];

describe('which components does a stage change?', () => {
  test.each<[Rotatable, Record<'trust-both' | 'reissue' | 'drop-old', Component[]>]>([
    ['server', { 'trust-both': ['etcd-rivers', ...api], reissue: ['etcd'], 'drop-old': ['etcd-rivers', ...api] }],
    ['etcd-peer', { 'trust-both': ['etcd'], reissue: ['etcd'], 'drop-old': ['etcd'] }],
    ['etcd-client', { 'trust-both': ['etcd'], reissue: ['etcd-rivers', ...api], 'drop-old': ['etcd'] }],
    [
      'kubernetes',
      {
        'trust-both': everything,
        reissue: everything.filter((one) => one !== 'rivers'),
        'drop-old': everything,
      },
    ],
    ['kubernetes-aggregation', { 'trust-both': api, reissue: api, 'drop-old': api }],
    ['kubernetes-webhook', { 'trust-both': [], reissue: [], 'drop-old': [] }],
    [tokenSigner, { 'trust-both': api, reissue: [...api, 'kube-controller-manager'], 'drop-old': api }],
    // Who trusts is Vault: see rotation-holders.
    [pluginAuthority, { 'trust-both': [], reissue: ['vault-kms'], 'drop-old': [] }],
  ])('%s', (of, wanted) => {
    const settled = { ...declareFor(of), trust: { [of]: { stage: 'settled' as const, issuer: 'root-1' } } };
    expect(toChange(of, settled, 'trust-both')).toEqual(wanted['trust-both']);
    expect(toChange(of, inStage(of, 'trust-both'), 'reissue')).toEqual(wanted.reissue);
    expect(toChange(of, inStage(of, 'reissue'), 'drop-old')).toEqual(wanted['drop-old']);
  });

  test('the first time, whoever has a certificate is pinned to the old CA as well', () => {
    expect(toChange('server', declare(), 'trust-both')).toEqual(['etcd', 'etcd-rivers', 'kube-apiserver']);
  });

  test.each(rotatables)('%s: nothing more when it is settled on the new one', (of) => {
    const settled = { ...declareFor(of), trust: { [of]: { stage: 'settled' as const, issuer: 'root-2' } } };
    const plan = decide(fleet(inStage(of, 'drop-old'), settled));
    expect(plan).toMatchObject({ steps: [], waits: [] });
  });
});

describe('a stage is done by ordinary rounds', () => {
  test('etcd members are restarted one at a time', () => {
    const plan = decide(fleet(declare(), inStage('etcd-peer', 'trust-both')));
    expect(plan.steps.map(({ kind }) => kind)).toEqual(['restart-etcd-member']);
    expect(plan.steps.flatMap(nodesOf)).toHaveLength(1);
  });

  test('an API server is withdrawn before it is restarted, the others serve', () => {
    const plan = decide(fleet(declare(), inStage('kubernetes-aggregation', 'trust-both')));
    expect(plan.steps.map(({ kind }) => kind)).toEqual(['update-api-endpoints']);
  });
});

test.each(rotatables.filter((of) => of !== 'kubernetes-webhook'))(
  '%s is turned around: nobody who looks as before it is taken for done, files of the new one may be there',
  (of) => {
    const before = inStage(of, 'trust-both');
    const back = turnedBack({ ...begun, stage: 'reissue' }, begun.since) ?? begun;
    const declaration = { ...declareFor(of), trust: { [of]: back } };
    const { observation } = fleet(before, declaration);
    expect(missingForStage({ declaration, observation, of, rotation: back })).not.toEqual([]);
  },
);
describe('the CA of the plugin', () => {
  const of = pluginAuthority;
  const reissue: Rotation = { ...begun, stage: 'reissue' };

  test('plugins get new certificates one control plane after the other', () => {
    const facts = fleet(inStage(of, 'trust-both'), inStage(of, 'reissue'));
    expect(steps(facts)).toEqual(['run vault-kms on cp-1 (restart)']);
  });

  test('one that is not declared any more, and still asked by API servers: the old CA stays', () => {
    const { observation } = converged(inStage(of, 'trust-both'));
    const back = { ...declare({ encryption: '{provider: secretbox}' }), trust: { [of]: reissue } };
    const missing = missingForStage({ declaration: back, observation, of, rotation: reissue });
    expect(missing.map(({ node }) => node)).toEqual(['cp-1', 'cp-2', 'cp-3']);
    expect(missing[0]?.because).toMatch(/^vault-kms on cp-1: it is not declared any more.*secrets rotate-key$/);
    expect(
      missingForStage({ declaration: back, observation: converged(back).observation, of, rotation: reissue }),
    ).toEqual([]);
  });
});

describe('when is a stage not complete?', () => {
  const of = 'kubernetes';
  const declaration = inStage(of, 'trust-both');
  const complete = () => converged(declaration).observation;
  const missing = (observation: Facts['observation'], rotation = begun) =>
    missingForStage({ declaration, observation, of, rotation });

  test('it is, when all run with what is wanted', () => {
    expect(missing(complete())).toEqual([]);
  });

  test('a node can’t be observed: it is named, unless a person has left it out', () => {
    const observation = complete();
    observation.nodes['worker-2'] = { state: 'unreachable', code: 'NodeUnreachable', because: 'no route to host' };
    expect(missing(observation)).toEqual([
      { node: 'worker-2', because: "worker-2 can't be observed: no route to host" },
    ]);
    expect(missing(observation, { ...begun, without: ['worker-2'] })).toEqual([]);
  });

  test('a container is not there, has stopped, or does not serve', () => {
    const observation = complete();
    const node = observation.nodes['cp-1'];
    if (node?.state !== 'observed') throw new Error('cp-1');
    const { kubelet, rivers } = node.containers;
    if (kubelet) kubelet.state = 'exited';
    if (rivers) rivers.health = { state: 'unhealthy', because: 'it does not answer' };
    delete node.containers['kube-proxy'];
    expect(missing(observation).map(({ because }) => because)).toEqual([
      'rivers on cp-1: it does not answer',
      'kubelet on cp-1: it is exited',
      'kube-proxy on cp-1: it is not there',
    ]);
  });

  test('one container still has the specification of the stage before', () => {
    const observation = complete();
    const [node] = declaration.nodes;
    const seen = node && observation.nodes[node.name];
    if (node === undefined || seen?.state !== 'observed' || seen.containers.rivers === undefined)
      throw new Error('cp-1');
    seen.containers.rivers.spec = canonicalJson(componentSpec({ declaration: declare(), node, component: 'rivers' }));
    expect(missing(observation)).toMatchObject([{ node: 'cp-1', component: 'rivers' }]);
    expect(missing(observation)[0]?.because).toContain('issuers none → "root-1,root-2"'.replaceAll('"', ''));
  });

  test('a control plane that is no etcd member yet', () => {
    const { observation } = converged(inStage('etcd-peer', 'trust-both'));
    const [node] = declaration.nodes;
    const { etcd } = observation.records;
    if (node === undefined || etcd.state === 'never') throw new Error('no etcd');
    delete etcd.memberships[node.name];
    expect(etcdMembershipOf({ declaration, observation, node })).toBeUndefined();
    const facts = { declaration: inStage('etcd-peer', 'trust-both'), observation, of: 'etcd-peer' as const };
    expect(missingForStage({ ...facts, rotation: begun })).toMatchObject([
      { because: 'etcd on cp-1: it is no member yet' },
    ]);
  });

  test('a node that is leaving', () => {
    const observation = complete();
    const [node] = declaration.nodes;
    if (node === undefined) throw new Error('no node');
    const gone = { ...node, name: 'cp-9' };
    observation.departing = {
      'cp-9': { node: gone, seen: { state: 'unreachable', code: 'NodeUnreachable', because: '' } },
    };
    expect(missing(observation)).toMatchObject([{ node: 'cp-9' }]);
  });

  test.each([
    ['2026-01-01T00:00:00Z', 1],
    ['2026-01-02T00:59:59Z', 1],
    ['2026-01-02T01:00:00Z', 0],
  ])('tokens that the old key has signed: at %s %i sentences', (at, count) => {
    const overlap = inStage(tokenSigner, 'overlap');
    const observation = { ...converged(overlap).observation, at };
    const rotation: Rotation = { ...begun, stage: 'overlap' };
    expect(missingForStage({ declaration: overlap, observation, of: tokenSigner, rotation })).toHaveLength(count);
  });
});
