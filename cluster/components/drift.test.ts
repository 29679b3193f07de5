import { expect, test } from 'vitest';
import { canonicalJson } from '../canonical.ts';
import { accepted, document, nodes, options } from '../declaration/testing/minimal.ts';
import type { Component } from './component.ts';
import { componentSpec } from './component-spec.ts';
import { explainDrift } from './drift.ts';

function specOf(component: Component, fields: Record<string, string>) {
  const declaration = accepted(document(fields));
  const [node] = declaration.nodes;
  if (node === undefined) throw new Error('no node');
  return componentSpec({ declaration, node, component });
}

const kubeletConfig = (fields: string) =>
  options('kubelet', `config: {apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, ${fields}}`);
const cp = (index: number) => `address: 10.0.0.1${index}, hostname: cp-${index}, user: cke, control_plane: true`;

const rows: [string, Component, Record<string, string>, Record<string, string>, string | undefined][] = [
  ['nothing', 'kubelet', {}, {}, undefined],
  ['another node is none of it', 'rivers', nodes(cp(1)), nodes(cp(1), 'address: 10.0.0.30, user: cke'), undefined],
  [
    'an argument’s value',
    'kube-scheduler',
    options('kube-scheduler', 'extra_args: ["--v=2"]'),
    options('kube-scheduler', 'extra_args: ["--v=4"]'),
    'args: --v=2 → --v=4',
  ],
  ['an argument added', 'kube-scheduler', {}, options('kube-scheduler', 'extra_args: ["--v=4"]'), 'args: --v=4 added'],
  [
    'an argument removed',
    'kube-scheduler',
    options('kube-scheduler', 'extra_args: ["--v=4"]'),
    {},
    'args: --v=4 removed',
  ],
  [
    'the image',
    'kubelet',
    {},
    { images: 'images: {kubelet: "registry.example/kubelet:v1.34.4"}' },
    'image: ghcr.io/siderolabs/kubelet:v1.34.4 → registry.example/kubelet:v1.34.4',
  ],
  [
    'a field of the configuration',
    'kubelet',
    kubeletConfig('maxPods: 110'),
    kubeletConfig('maxPods: 50'),
    'file /etc/kubernetes/kubelet/config.yml: maxPods 110 → 50',
  ],
  [
    'an environment variable, without its value',
    'kubelet',
    {},
    options('kubelet', 'extra_env: {HTTPS_PROXY: "http://proxy:3128"}'),
    'env: HTTPS_PROXY changed',
  ],
  [
    'a bind',
    'kubelet',
    {},
    options('kubelet', 'extra_binds: [{source: /data, destination: /data}]'),
    'mounts: /data from /data rw created added',
  ],
  [
    'an upstream',
    'rivers',
    nodes(cp(1)),
    nodes(cp(1), cp(2), cp(3)),
    'file /etc/rivers/rivers/haproxy.cfg: server cp-2 10.0.0.12:6443 added, server cp-3 10.0.0.13:6443 added',
  ],
  [
    'the lifetime of certificates',
    'kube-proxy',
    {},
    { certificates: 'certificates: {lifetime_hours: 800}' },
    undefined,
  ],
];

test.each(rows)('what is said of a change of %s', (_, component, before, after, expected) => {
  const label = canonicalJson(specOf(component, before));
  expect(explainDrift(specOf(component, after), label)).toBe(expected);
});

test('a certificate renewed earlier than before is no drift', () => {
  const label = canonicalJson(
    specOf('kubelet', { certificates: 'certificates: {lifetime_hours: 800, renew_before_hours: 300}' }),
  );
  const wanted = specOf('kubelet', { certificates: 'certificates: {lifetime_hours: 800, renew_before_hours: 400}' });
  expect(explainDrift(wanted, label)).toBeUndefined();
});

test.each([
  ['no label', undefined],
  ['no JSON', 'etcd'],
  ['JSON of something else', '{"container":{}}'],
])('a container with %s has drifted', (_, label) => {
  expect(explainDrift(specOf('kubelet', {}), label)).toMatch(/specification/);
});

test('many differences stay within 160 characters', () => {
  const many = options(
    'kubelet',
    `extra_args: [${Array.from({ length: 9 }, (_, n) => `"--flag-number-${n}=${'x'.repeat(9)}"`).join(', ')}]`,
  );
  const said = explainDrift(specOf('kubelet', many), canonicalJson(specOf('kubelet', {})));
  expect(said?.length).toBeLessThanOrEqual(160);
  expect(said).toContain('more');
});
