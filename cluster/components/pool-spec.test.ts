import { describe, expect, test } from 'vitest';
import { accepted, document, nodes } from '../declaration/testing/minimal.ts';
import type { Component } from './component.ts';
import { componentSpec } from './component-spec.ts';

const declared = nodes(
  'address: 10.0.0.11, hostname: cp-1, user: cke, control_plane: true',
  'address: 10.0.0.21, hostname: plain, user: cke',
  'address: 10.0.0.22, hostname: member, user: cke, pool: gpu',
);
const kubelet = 'apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration';
const proxy = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration';

/** Everything that a component is on the node of the pool and on another one, as text. */
function specs(component: Component, settings: string): { plain: string; member: string } {
  const key = component === 'kubelet' ? 'kubelet' : 'kube-proxy';
  const pools = `pools: [{name: gpu, ${key}: {${settings}}}]`;
  const declaration = accepted(document({ ...declared, pools }));
  const on = (name: string) => {
    const node = declaration.nodes.find((one) => one.name === name);
    if (node === undefined) throw new Error(`no ${name}`);
    return JSON.stringify(componentSpec({ declaration, node, component }));
  };
  return { plain: on('plain'), member: on('member') };
}

describe('a setting of a pool is in the container or the files of its nodes, and of no others', () => {
  test.each<[Component, string, RegExp]>([
    ['kubelet', 'extra_args: [--v=7]', /"--v=7"/],
    ['kubelet', 'extra_env: {GODEBUG: x}', /"GODEBUG":"x"/],
    ['kubelet', 'extra_binds: [{source: /gpu, destination: /opt/gpu}]', /"source":"\/gpu"/],
    ['kubelet', 'boot_taints: [{key: booting, effect: NoExecute}]', /registerWithTaints:.*booting/],
    ['kubelet', `config: {${kubelet}, maxPods: 42}`, /maxPods: 42/],
    ['kubelet', 'cri_endpoint: /run/crio/crio.sock', /unix:\/\/\/run\/crio\/crio.sock/],
    ['kubelet', 'cri_endpoint: /run/crio/crio.sock', /"source":"\/var\/lib\/containers"/],
    ['kube-proxy', 'extra_args: [--v=7]', /"--v=7"/],
    ['kube-proxy', 'extra_env: {GODEBUG: x}', /"GODEBUG":"x"/],
    ['kube-proxy', 'extra_binds: [{source: /gpu, destination: /opt/gpu}]', /"source":"\/gpu"/],
    ['kube-proxy', `config: {${proxy}, mode: nftables}`, /mode: nftables/],
  ])('%s: %s', (component, settings, found) => {
    const { plain, member } = specs(component, settings);
    expect(member).toMatch(found);
    expect(plain).not.toMatch(found);
  });

  test('what is forced is forced in a pool, too', () => {
    const { member } = specs('kubelet', `config: {${kubelet}, tlsCertFile: /mine, readOnlyPort: 10255}`);
    expect(member).toMatch(/tlsCertFile: \/etc\/kubernetes\/pki\/kubelet.crt/);
    expect(member).toMatch(/readOnlyPort: 10255/);
  });
});
