import { describe, expect, test } from 'vitest';
import { judgeChange } from './changes.ts';
import { accepted, document, fleet, nodes, options } from './testing/minimal.ts';

const cp = (last: number) => `address: 10.0.0.${last}, user: cke, control_plane: true`;
const three = document(nodes(cp(1), cp(2), cp(3)));
const kubeletDomain = (domain: string) =>
  options(
    'kubelet',
    `config: {apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, clusterDomain: ${domain}}`,
  );
const version = (text: string) => document({ x: `kubernetes_version: ${text}` });
const etcd = (tag: string) => document({ x: `images: {etcd: 'quay.io/coreos/etcd:${tag}'}` });
const podSubnet = (text: string) => document({ x: `pod_subnet: ${text}` });

// prettier-ignore
const refusals = [
  { question: '34: service subnet changed', from: document(), to: document({ service_subnet: 'service_subnet: 10.97.0.0/16' }), code: 'immutable-field', path: '/service_subnet', says: /10\.96\.0\.0\/16 → 10\.97\.0\.0\/16/ },
  { question: '35: cluster domain changed', from: document(kubeletDomain('cluster.local')), to: document(kubeletDomain('example.com')), code: 'immutable-field', path: '/options/kubelet/config/clusterDomain', says: /cluster\.local → example\.com/ },
  { question: '35: cluster domain declared where the default held', from: document(), to: document(kubeletDomain('example.com')), code: 'immutable-field', path: '/options/kubelet/config/clusterDomain', says: /cluster\.local → example\.com/ },
  { question: '38: a minor skipped', from: version('1.33.5'), to: version('1.35.0'), code: 'minor-skipped', path: '/kubernetes_version', says: /1\.33 → 1\.34 → 1\.35/ },
  { question: '39: a minor back', from: version('1.34.4'), to: version('1.33.9'), code: 'downgrade', path: '/kubernetes_version', says: /downgrade refused/ },
  { question: '39: a patch back', from: version('1.34.4'), to: version('1.34.3'), code: 'downgrade', path: '/kubernetes_version', says: /downgrade refused/ },
  { question: '39: a patch of etcd back', from: etcd('v3.6.16'), to: etcd('v3.6.15'), code: 'downgrade', path: '/images/etcd', says: /v3\.6\.16 → v3\.6\.15/ },
  { question: '39: etcd pinned to an older patch than the default', from: document(), to: etcd('v3.6.15'), code: 'downgrade', path: '/images/etcd', says: /v3\.6\.16 → v3\.6\.15/ },
  { question: '55: removes 2 of 3 control planes', from: three, to: document(nodes(cp(1))), code: 'control-plane-majority', path: '/nodes', says: /1 < quorum 2/ },
  { question: '55: demotes 2 of 3 control planes', from: three, to: document(nodes(cp(1), 'address: 10.0.0.2, user: cke', 'address: 10.0.0.3, user: cke')), code: 'control-plane-majority', path: '/nodes', says: /10\.0\.0\.2, 10\.0\.0\.3/ },
  { question: '56: replaces all 3 at once', from: three, to: document(nodes(cp(4), cp(5), cp(6))), code: 'control-plane-majority', path: '/nodes', says: /majority overlap.*rolling/ },
  { question: '56: replaces the only one', from: document(fleet(1)), to: document(nodes(cp(7))), code: 'control-plane-majority', path: '/nodes', says: /0 < quorum 1/ },
  { question: 'the cluster’s name changed', from: document(), to: document({ name: 'name: other' }), code: 'immutable-field', path: '/name', says: /demo → other/ },
  { question: 'the pod subnet changed', from: podSubnet('10.244.0.0/16'), to: podSubnet('10.245.0.0/16'), code: 'immutable-field', path: '/pod_subnet', says: /10\.244/ },
  { question: 'the pod subnet taken out', from: podSubnet('10.244.0.0/16'), to: document(), code: 'immutable-field', path: '/pod_subnet', says: /→ nothing/ },
  { question: 'a name moves to another machine', from: document(nodes(cp(1), 'address: 10.0.0.8, hostname: w-1, user: cke')), to: document(nodes(cp(1), 'address: 10.0.0.9, hostname: w-1, user: cke')), code: 'node-identity', path: '/nodes/1/address', says: /moves from 10\.0\.0\.8 to 10\.0\.0\.9/ },
  { question: 'a machine gets another name', from: document(nodes(cp(1), 'address: 10.0.0.8, hostname: w-1, user: cke')), to: document(nodes(cp(1), 'address: 10.0.0.8, hostname: w-2, user: cke')), code: 'node-identity', path: '/nodes/1/hostname', says: /w-1 becomes w-2/ },
  { question: 'etcd’s data moved', from: document(), to: document(options('etcd', 'volume_name: other')), code: 'immutable-field', path: '/options/etcd/volume_name', says: /without its data/ },
];

const allowances = [
  { question: 'nothing changed', from: three, to: three },
  { question: 'one of three control planes replaced', from: three, to: document(nodes(cp(1), cp(2), cp(4))) },
  { question: 'from three control planes to five', from: document(fleet(3)), to: document(fleet(5)) },
  { question: 'from five control planes to three', from: document(fleet(5)), to: document(fleet(3)) },
  { question: 'one patch of etcd up', from: etcd('v3.6.15'), to: etcd('v3.6.16') },
  { question: 'one minor up', from: version('1.33.5'), to: version('1.34.4') },
  { question: 'a pod subnet where there was none', from: document(), to: podSubnet('10.244.0.0/16') },
  { question: 'a worker gone', from: document(fleet(1, 2)), to: document(fleet(1, 1)) },
];

describe('may the declaration be changed so?', () => {
  test.each(refusals)('$question: no', ({ from, to, code, path, says }) => {
    const problems = judgeChange(accepted(from), accepted(to));
    const found = problems.find((problem) => problem.code === code && problem.path === path);
    expect(found, JSON.stringify(problems)).toBeDefined();
    expect(`${found?.got} ${found?.want} ${found?.hint}`).toMatch(says);
  });

  test.each(allowances)('$question: yes', ({ from, to }) => {
    expect(judgeChange(accepted(from), accepted(to))).toEqual([]);
  });
});
