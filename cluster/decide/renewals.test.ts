import { expect, test } from 'vitest';
import type { IssuedCertificate } from '../certificates/certificate.ts';
import type { Component } from '../components/component.ts';
import { describeStep } from '../steps/describe-step.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { converged, seen } from './testing/fleet.ts';
import { aside } from './testing/situations.ts';

const hour = 3_600_000;

/** Everything is as declared, but that these components hold a certificate that ends in so many hours. */
function ending(hours: number, ...places: [Component, string][]): Facts {
  const facts = converged();
  const at = Date.parse(facts.observation.at);
  for (const [component, node] of places) {
    const container = seen(facts, node).containers[component];
    if (container) container.certificates = [certificate(new Date(at + hours * hour).toISOString())];
  }
  return facts;
}

const certificate = (notAfter: string): IssuedCertificate => ({
  kind: 'kubelet',
  serial: '01',
  notBefore: '2020-01-01T00:00:00Z',
  notAfter,
});

const steps = (facts: Facts) =>
  decide(facts).steps.map((step) => `${describeStep(step).replace(/: .*/u, '')} (${step.disruption})`);

test('fresh certificates: is nothing done?', () => {
  expect(steps(ending(8000, ['etcd', 'cp-1'], ['kube-apiserver', 'cp-1'], ['kubelet', 'worker-1']))).toEqual([]);
});

test.each<[Component, string, string]>([
  ['etcd', 'cp-2', 'renew the certificates of etcd on cp-2 (reload)'],
  ['kube-apiserver', 'cp-2', 'renew the certificates of kube-apiserver on cp-2 (reload)'],
  ['kubelet', 'worker-1', 'run kubelet on worker-1 (restart)'],
  ['kube-scheduler', 'cp-1', 'run kube-scheduler on cp-1 (restart)'],
  ['etcd-rivers', 'cp-1', 'run etcd-rivers on cp-1 (restart)'],
])('the certificate of %s on %s ends soon: is it stopped for a new one?', (component, node, step) => {
  expect(steps(ending(100, [component, node]))).toEqual([step]);
});

test('on all control planes: one at a time?', () => {
  const facts = ending(100, ['kube-apiserver', 'cp-1'], ['kube-apiserver', 'cp-2'], ['kube-apiserver', 'cp-3']);
  expect(steps(facts)).toEqual(['renew the certificates of kube-apiserver on cp-1 (reload)']);
});

test('etcd can’t be observed, perhaps since its certificates have ended: are they renewed all the same?', () => {
  const facts = ending(-1, ['etcd', 'cp-1']);
  facts.observation.etcd = { state: 'unobservable', because: 'certificate has expired' };
  expect(steps(facts)).toEqual(['renew the certificates of etcd on cp-1 (reload)']);
});

test('an API server does not take its new certificate up: is it replaced, and no other one tried?', () => {
  const facts = aside(
    'renew-certificates',
    'cp-1',
    'kube-apiserver',
    'NotHealthy',
  )(ending(100, ['kube-apiserver', 'cp-1'], ['kube-apiserver', 'cp-2']));
  expect(decide(facts).steps.map(describeStep).join()).toMatch(/cp-1 is withdrawn before its API server is replaced/);
  expect(steps(facts).filter((step) => step.startsWith('renew'))).toEqual([]);
});

test('it was seen to have taken new ones up: is it left alone?', () => {
  const facts = ending(100, ['kube-apiserver', 'cp-1']);
  const containerId = seen(facts, 'cp-1').containers['kube-apiserver']?.id ?? '';
  const certificates = [certificate('2999-01-01T00:00:00Z')].map((one) => ({ ...one, notAfter: inDays(facts, 300) }));
  facts.observation.records.takenUp = { 'kube-apiserver': { 'cp-1': { containerId, certificates } } };
  expect(steps(facts)).toEqual([]);
  facts.observation.records.takenUp = { 'kube-apiserver': { 'cp-1': { containerId: 'an older one', certificates } } };
  expect(steps(facts)).toHaveLength(1);
});

const inDays = ({ observation }: Facts, days: number): string =>
  new Date(Date.parse(observation.at) + days * 24 * hour).toISOString();

test('files are damaged: is the set made anew, with the reason?', () => {
  const facts = converged();
  seen(facts, 'cp-1').damage = { etcd: 'pki/server.crt was changed', kubelet: 'pki/kubelet.key was changed' };
  expect(decide(facts).steps.map(describeStep)).toEqual([
    'renew the certificates of etcd on cp-1: pki/server.crt was changed',
    'run kubelet on cp-1: pki/kubelet.key was changed',
  ]);
});

test('a person has asked for new certificates of one node: is only that one touched?', () => {
  const facts = ending(8000, ['kubelet', 'worker-1'], ['kubelet', 'worker-2']);
  const rotation = { generation: 2, node: 'worker-2', by: 'alice', at: facts.observation.at, id: 'r' };
  facts.observation.records.rotations = [rotation];
  expect(decide(facts).steps.map(describeStep)).toEqual([
    'run kubelet on worker-2: alice asked for generation 2 of its kubelet certificate',
  ]);
});
