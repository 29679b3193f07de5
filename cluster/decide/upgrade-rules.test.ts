import { expect, test } from 'vitest';
import type { Component } from '../components/component.ts';
import type { Declaration } from '../declaration/declaration.ts';
import type { EtcdView, NodeView } from '../view.ts';
import { declare } from './testing/fleet.ts';
import { judgeChange } from '../declaration/changes.ts';
import { judgeObservedUpgrade, withoutTakenBack } from './upgrade-rules.ts';

const at = (kubernetes_version: string): Declaration => ({ ...declare(), kubernetes_version });

function node(
  name: string,
  versions: Partial<Record<Component, string>>,
  reachable: NodeView['reachable'] = 'yes',
): NodeView {
  const components = Object.entries(versions).map(([component, version]) => ({
    component: component as Component,
    state: 'running' as const,
    upSeconds: 9,
    health: 'healthy',
    version,
  }));
  const role = name.startsWith('cp-') ? 'control-plane' : 'worker';
  return { name, address: '10.0.0.1', role, reachable, ready: 'true', components };
}

const server = (name: string, version: string) => node(name, { 'kube-apiserver': version });
const gone = { because: 'no route' };
const voterOn = (name: string) => ({ node: name, id: name, role: 'voter', sync: 'synced', leader: 'follower' });
const bothVote: EtcdView = { state: 'observed', members: [voterOn('cp-1'), voterOn('cp-2')] };

test('what leaves counts until it is gone: it writes to the same etcd', () => {
  const view = { nodes: [server('cp-1', 'v1.34.4')], leaving: [server('cp-2', 'v1.33.13')], etcd: bothVote };
  const problems = judgeObservedUpgrade({ accepted: at('1.34.4'), wished: at('1.35.0'), view });
  expect(problems.map(({ hint }) => hint).join()).toContain('kube-apiserver on cp-2 runs v1.33.13');
});

test.each<[question: string, etcd: EtcdView, says: RegExp]>([
  [
    'and votes: unknown is never fine',
    { state: 'observed', members: [voterOn('cp-1'), voterOn('cp-2')] },
    /cp-2 can’t be observed/,
  ],
  ['and nobody can tell whether it votes', { state: 'unobservable', because: 'no quorum' }, /cp-2 can’t be observed/],
  ['and votes no more: it holds up nothing', { state: 'observed', members: [voterOn('cp-1')] }, /^$/],
])('a control plane leaves, is out of sight %s', (_question, etcd, says) => {
  const view = { nodes: [server('cp-1', 'v1.34.4')], leaving: [node('cp-2', {}, gone)], etcd };
  const problems = judgeObservedUpgrade({ accepted: at('1.34.4'), wished: at('1.35.0'), view });
  expect(problems.map(({ hint }) => hint).join()).toMatch(says);
});

test.each<[question: string, to: string, member: string, says: RegExp | undefined]>([
  ['every member is at the minor before', 'v3.8.0', 'v3.7.1', undefined],
  [
    'a member is left from the upgrade before',
    'v3.8.0',
    'v3.6.16',
    /etcd on cp-2 runs v3\.6\.16: it would be 2 minors/,
  ],
  ['only a patch: nothing is asked', 'v3.7.1', 'v3.6.16', undefined],
])('etcd, S-05: %s', (_question, to, member, says) => {
  const images = (tag: string) => ({ ...at('1.34.4').images, etcd: `quay.io/coreos/etcd:${tag}` });
  const problems = judgeObservedUpgrade({
    accepted: { ...at('1.34.4'), images: images('v3.7.0') },
    wished: { ...at('1.34.4'), images: images(to) },
    view: { nodes: [node('cp-1', { etcd: 'v3.7.0' }), node('cp-2', { etcd: member })], etcd: bothVote },
  });
  if (says === undefined) expect(problems).toEqual([]);
  else expect(problems.map(({ path, hint }) => `${path} ${hint}`).join()).toMatch(says);
});

test.each<[question: string, to: string, nodes: NodeView[], says: RegExp | undefined]>([
  [
    'every API server is at the minor before',
    '1.35.0',
    [server('cp-1', 'v1.34.4'), server('cp-2', 'v1.34.2')],
    undefined,
  ],
  [
    'one API server is left from the upgrade before',
    '1.35.0',
    [server('cp-1', 'v1.34.4'), server('cp-2', 'v1.33.13')],
    /kube-apiserver on cp-2 runs v1\.33\.13: it would be 2 minors behind 1\.35, and at most 1 are allowed/,
  ],
  [
    'a scheduler is left',
    '1.35.0',
    [node('cp-1', { 'kube-apiserver': 'v1.34.4', 'kube-scheduler': 'v1.33.13' })],
    /kube-scheduler on cp-1 runs v1\.33\.13/,
  ],
  [
    'a kubelet is two minors behind: it may be three',
    '1.35.0',
    [server('cp-1', 'v1.34.4'), node('worker-1', { kubelet: 'v1.33.13' })],
    undefined,
  ],
  [
    'a kubelet would be four minors behind',
    '1.35.0',
    [server('cp-1', 'v1.34.4'), node('worker-1', { kubelet: 'v1.31.2' })],
    /kubelet on worker-1 runs v1\.31\.2: it would be 4 minors behind 1\.35/,
  ],
  [
    'a control plane can’t be observed',
    '1.35.0',
    [server('cp-1', 'v1.34.4'), node('cp-2', {}, gone)],
    /cp-2 can’t be observed/,
  ],
  ['a worker can’t be observed', '1.35.0', [server('cp-1', 'v1.34.4'), node('worker-1', {}, gone)], undefined],
  ['only a patch: nothing is asked', '1.34.9', [node('cp-2', {}, gone)], undefined],
  ['an image without a version is not judged', '1.35.0', [node('cp-1', { 'kube-apiserver': 'latest' })], undefined],
])('%s', (_question, to, nodes, says) => {
  const problems = judgeObservedUpgrade({ accepted: at('1.34.4'), wished: at(to), view: { nodes, etcd: bothVote } });
  if (says === undefined) expect(problems).toEqual([]);
  else expect(problems.map(({ path, hint }) => `${path} ${hint}`).join()).toMatch(says);
});

test.each<[question: string, nodes: NodeView[], left: string[]]>([
  ['nothing has run on it yet', [server('cp-1', 'v1.34.4'), node('w-1', { kubelet: 'v1.34.4' })], []],
  ['an API server runs on it already', [server('cp-1', 'v1.34.9'), server('cp-2', 'v1.34.4')], ['downgrade']],
  ['a kubelet does', [server('cp-1', 'v1.34.4'), node('w-1', { kubelet: 'v1.34.9' })], ['downgrade']],
  ['a control plane is out of sight', [server('cp-1', 'v1.34.4'), node('cp-2', {}, gone)], ['downgrade']],
  ['nobody knows what runs', [node('cp-1', { 'kube-apiserver': 'latest' })], ['downgrade']],
])('a version is taken back: %s', (_question, nodes, left) => {
  const [accepted, wished] = [at('1.34.9'), at('1.34.5')];
  const problems = withoutTakenBack(judgeChange(accepted, wished), { wished, view: { nodes, etcd: bothVote } });
  expect(problems.map(({ code }) => code)).toEqual(left);
});
