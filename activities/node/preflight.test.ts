import { expect, test } from 'vitest';
import { accepted, document, nodes } from '../../cluster/declaration/testing/minimal.ts';
import { demandsOf } from './preflight.ts';

const config = 'apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration';
const declaration = accepted(
  document({
    version: 'kubernetes_version: 1.35.0',
    ...nodes(
      'address: 10.0.0.11, user: cke, control_plane: true',
      'address: 10.0.0.21, user: cke',
      'address: 10.0.0.22, user: cke, pool: other',
    ),
    pools: `pools:
  - name: other
    kubelet:
      config: {${config}, failSwapOn: false, failCgroupV1: false}
      cri_endpoint: unix:///run/crio/crio.sock
      cni_conf_file: {name: a.conf, content: '{"name":"a","type": "bridge"}'}`,
  }),
);

test('what a node has to have follows from the settings of its pool', () => {
  const [, worker, member] = declaration.nodes.map((node) => demandsOf({ declaration, node }));
  expect(worker).toMatchObject({
    swap: 'refused',
    cgroup: 'only version 2',
    criSocket: '/run/containerd/containerd.sock',
  });
  expect(member).toMatchObject({ swap: 'tolerated', cgroup: 'any version', criSocket: '/run/crio/crio.sock' });
  const settings = (demands = worker) => demands?.settings.map(({ name }) => name);
  expect(settings()).not.toContain('net/bridge/bridge-nf-call-iptables');
  expect(settings(member)).toContain('net/bridge/bridge-nf-call-iptables');
});
