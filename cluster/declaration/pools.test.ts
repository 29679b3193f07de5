import { describe, expect, test } from 'vitest';
import { optionsOf } from './pools.ts';
import { parseDeclaration } from './parse.ts';
import { accepted, document, nodes } from './testing/minimal.ts';

const ours = nodes(
  'address: 10.0.0.11, hostname: cp-1, user: cke, control_plane: true',
  'address: 10.0.0.21, hostname: gpu-1, user: cke, pool: gpu, labels: {tier: front}, taints: [{key: a, value: own, effect: NoSchedule}]',
);
const kubeletConfig = 'apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration';
const proxyConfig = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration';

/** A cluster with these options, and a pool with those fields, which gpu-1 is in. */
function pooled(options: string, pool: string) {
  return accepted(document({ ...ours, options: `options: {${options}}`, pools: `pools: [{name: gpu${pool}}]` }));
}

function onNodes(options: string, pool: string) {
  const declaration = pooled(options, pool);
  const [plain, member] = declaration.nodes.map((node) => optionsOf(declaration, node));
  if (plain === undefined || member === undefined) throw new Error('two nodes are declared');
  return { declaration, plain, member };
}

describe.each(['kubelet', 'kube-proxy'] as const)('what a pool says of %s lies over what the cluster says', (name) => {
  const both = (options: string, pool: string) => onNodes(`${name}: {${options}}`, `, ${name}: {${pool}}`);

  test('extra_args: a flag takes the place of the cluster’s of that name, however it is written', () => {
    const { plain, member } = both(
      'extra_args: [--v=1, --feature-gates=A=true]',
      'extra_args: [--feature_gates=B=true]',
    );
    expect(member[name].extra_args).toEqual(['--v=1', '--feature_gates=B=true']);
    expect(plain[name].extra_args).toEqual(['--v=1', '--feature-gates=A=true']);
  });

  test('extra_env: by name', () => {
    const { member } = both('extra_env: {A: a, B: b}', 'extra_env: {B: of the pool, C: c}');
    expect(member[name].extra_env).toEqual({ A: 'a', B: 'of the pool', C: 'c' });
  });

  test('extra_binds: by destination', () => {
    const { member } = both(
      'extra_binds: [{source: /a, destination: /opt/a}, {source: /b, destination: /opt/b}]',
      'extra_binds: [{source: /c, destination: /opt/b, read_only: true}]',
    );
    expect(member[name].extra_binds.map(({ source, destination }) => `${source}:${destination}`)).toEqual([
      '/a:/opt/a',
      '/c:/opt/b',
    ]);
  });

  test('config: mappings merge, lists are replaced', () => {
    const kind = name === 'kubelet' ? kubeletConfig : proxyConfig;
    const { plain, member } = both(
      `config: {${kind}, deep: {a: 1, b: {c: 2}}, list: [1, 2]}`,
      `config: {${kind}, deep: {b: {d: 3}}, list: [3]}`,
    );
    expect(member[name].config).toMatchObject({ deep: { a: 1, b: { c: 2, d: 3 } }, list: [3] });
    expect(plain[name].config).toMatchObject({ deep: { a: 1, b: { c: 2 } }, list: [1, 2] });
  });

  test('config: the pool’s alone, and the cluster’s alone', () => {
    const config = `config: {${name === 'kubelet' ? kubeletConfig : proxyConfig}, field: 1}`;
    expect(both('', config).member[name].config).toMatchObject({ field: 1 });
    expect(both(config, '').member[name].config).toMatchObject({ field: 1 });
  });
});

describe('the other settings of kubelet', () => {
  const below =
    'kubelet: {boot_taints: [{key: a, effect: NoExecute}], cri_endpoint: /run/a.sock, in_place_update: false}';

  test('are the cluster’s where the pool has none', () => {
    expect(onNodes(below, ', kubelet: {extra_args: [--v=4]}').member.kubelet).toMatchObject({
      boot_taints: [{ key: 'a', value: '', effect: 'NoExecute' }],
      cri_endpoint: '/run/a.sock',
      in_place_update: false,
    });
  });

  test('are the pool’s where it has some', () => {
    const pool = 'boot_taints: [{key: b, effect: NoSchedule}], cri_endpoint: /run/b.sock, in_place_update: true';
    const { plain, member } = onNodes(below, `, kubelet: {${pool}}`);
    expect(member.kubelet).toMatchObject({
      boot_taints: [{ key: 'b', value: '', effect: 'NoSchedule' }],
      cri_endpoint: '/run/b.sock',
      in_place_update: true,
    });
    expect(plain.kubelet).toMatchObject({ cri_endpoint: '/run/a.sock', in_place_update: false });
  });

  test('kube-proxy is disabled for the whole cluster', () => {
    expect(onNodes('kube-proxy: {disable: true}', '').member['kube-proxy'].disable).toBe(true);
  });
});

describe('labels and taints of a pool', () => {
  const pool =
    ', labels: {tier: back, gpu: a100}, taints: [{key: a, value: pool, effect: NoSchedule}, {key: a, effect: NoExecute}]';

  test('are added to those of its nodes, whose own hold', () => {
    const [plain, member] = pooled('', pool).nodes;
    expect(member).toMatchObject({
      labels: { tier: 'front', gpu: 'a100' },
      taints: [
        { key: 'a', value: '', effect: 'NoExecute' },
        { key: 'a', value: 'own', effect: 'NoSchedule' },
      ],
    });
    expect(plain).toMatchObject({ labels: {}, taints: [] });
  });
});

const warned = (pools: string) =>
  parseDeclaration(document({ ...ours, pools: `pools: [${pools}]` })).warnings.map(
    ({ code, path }) => `${code} ${path}`,
  );

describe('warnings', () => {
  test.each([
    ['a pool without a node', '{name: gpu}, {name: other}', ['idle-pool /pools/1/name']],
    [
      'a field that we set ourselves',
      `{name: gpu, kubelet: {config: {${kubeletConfig}, tlsCertFile: /a}}}`,
      ['managed-field /pools/0/kubelet/config/tlsCertFile'],
    ],
    [
      'the label of control planes: once, where it stands',
      '{name: gpu, labels: {cke.cybozu.com/master: "true"}}',
      ['managed-field /pools/0/labels/cke.cybozu.com~1master'],
    ],
  ])('%s', (_, pools, expected) => {
    expect(warned(pools)).toEqual(expected);
  });
});
