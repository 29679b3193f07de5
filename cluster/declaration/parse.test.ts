import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { apiServiceAddress, clusterDomain } from './cluster-addresses.ts';
import { nodeNamed, workers, controlPlaneNames } from './nodes.ts';
import { parseDeclaration } from './parse.ts';
import { accepted, document, nodes, options, refused, worker } from './testing/minimal.ts';

const example = (name: string) => readFileSync(new URL(`../../examples/${name}.yaml`, import.meta.url));

describe('the examples', () => {
  test.each(['demo', 'production'])('%s.yaml is valid and gives no warning', (name) => {
    expect(parseDeclaration(example(name))).toMatchObject({ outcome: 'accepted', warnings: [] });
  });

  test('the demo has three control planes and two workers', () => {
    const demo = accepted(example('demo').toString());
    expect(controlPlaneNames(demo)).toEqual(['cp-1', 'cp-2', 'cp-3']);
    expect(workers(demo).map(({ name }) => name)).toEqual(['worker-1', 'worker-2']);
  });
});

describe('what is filled in', () => {
  const declaration = accepted(document());

  test('names, ports and addresses follow from other fields', () => {
    const plain = accepted(
      document({ ...nodes('address: 10.0.0.5, user: a, control_plane: true'), x: 'ssh: {port: 2222}' }),
    );
    expect(plain.nodes[0]).toMatchObject({ name: '10.0.0.5', ssh: { port: 2222 }, labels: {}, taints: [] });
    expect(nodeNamed(declaration, 'cp-1')?.address).toBe('10.0.0.11');
    expect(apiServiceAddress(declaration)).toBe('10.96.0.1');
    expect(declaration.cluster_dns_address).toBe('10.96.0.10');
    expect(clusterDomain(declaration)).toBe('cluster.local');
    expect(declaration.constraints.control_plane_count).toBe(1);
  });

  test('images follow the version', () => {
    expect(declaration.images['kube-apiserver']).toBe('registry.k8s.io/kube-apiserver:v1.34.4');
    expect(declaration.images.kubelet).toBe('ghcr.io/siderolabs/kubelet:v1.34.4');
    expect(declaration.images.etcd).toBe('quay.io/coreos/etcd:v3.6.16');
  });

  test('a mirror takes the place of the registry, an override stands as it is', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const { images } = accepted(
      document({ x: `images: {registry_mirror: '10.0.0.9:5000/k8s', coredns: 'example.com/dns:1@${digest}'}` }),
    );
    expect(images['kube-proxy']).toBe('10.0.0.9:5000/k8s/kube-proxy:v1.34.4');
    expect(images.rivers).toBe('10.0.0.9:5000/k8s/library/haproxy:3.0.10');
    expect(images.coredns).toBe(`example.com/dns:1@${digest}`);
  });

  test('a short certificate lifetime shortens the time of renewal', () => {
    expect(accepted(document({ x: 'certificates: {lifetime_hours: 24}' })).certificates.renew_before_hours).toBe(8);
  });

  test('a declaration survives JSON, which is how it travels', () => {
    expect(JSON.parse(JSON.stringify(declaration))).toEqual(declaration);
  });
});

describe('what is accepted', () => {
  // prettier-ignore
  const cases = [
    { words: 'merge keys and anchors', source: document(nodes('<<: &n {user: cke}, address: 10.0.0.1, control_plane: true', '<<: *n, address: 10.0.0.2')) },
    { words: 'null for an absent list, as CKE does', source: document({ x: 'dns_servers:\noptions:\n  kubelet:\n    extra_args:\n' }) },
    { words: 'kube-proxy with nftables', source: document(options('kube-proxy', 'config: {apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, mode: nftables}')) },
    { words: 'a boolean flag without value', source: document(options('kube-api', 'extra_args: [--profiling, -v=2]')) },
    { words: 'CKE’s settings of rivers', source: document(options('rivers', 'extra_args: [--check-interval=5s]')) },
    { words: 'CKE’s role labels', source: document(worker("address: 10.0.0.2, user: cke, labels: {cke.cybozu.com/role: worker, node-role.kubernetes.io/worker: ''}")) },
    { words: 'JSON', source: JSON.stringify({ name: 'j', service_subnet: '10.96.0.0/16', nodes: [{ address: '10.0.0.1', user: 'a', control_plane: true }] }) },
    { words: 'a public host key line', source: document(worker('address: 10.0.0.2, user: cke, ssh: {host_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZjZ2hqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODk}')) },
    { words: 'a volume name and heartbeat of etcd', source: document(options('etcd', 'volume_name: data, extra_args: [--heartbeat-interval=200, --election-timeout=2000]')) },
    { words: 'IPv6', source: document({ ...nodes("address: 'fd00::1', user: a, control_plane: true"), service_subnet: "service_subnet: 'fd01::/112'" }) },
  ];

  test.each(cases)('$words', ({ source }) => {
    expect(parseDeclaration(source)).toMatchObject({ outcome: 'accepted', warnings: [] });
  });
});

describe('the answer to a bad document', () => {
  const planted = 'hvs.CAESIJlU9JMYEhOPYv4igdhm9PnZDrab';

  test('names all problems at once, in the order of the file, with their lines', () => {
    const problems = refused(
      'name: A_B\nnodez: 1\nservice_subnet: 10.0.0.0/30\nnodes:\n  - {address: 1.2.3, user: -x}\n',
    );
    expect(problems.map(({ line, path }) => `${line} ${path}`)).toEqual([
      '1 /name',
      '2 /nodez',
      '3 /service_subnet',
      '4 /nodes',
      '5 /nodes/0/address',
      '5 /nodes/0/user',
    ]);
  });

  test.each([
    ['as a value', document({ x: `kubernetes_version: ${planted}` })],
    ['as a key', document({ x: `${planted}: 1` })],
    ['in a list', document(options('kubelet', `extra_args: ['--x=${planted}']`))],
    ['in a field named like a secret', document({ x: `vault_token: ${planted}` })],
    ['as an environment variable', document(options('kubelet', `extra_env: {MY_TOKEN: ${planted}}`))],
    ['in broken YAML', `name: [${planted}\n`],
    ['as alias', `name: *${planted}\n`],
    ['in a tag', `name: !${planted} x\n`],
  ])('never echoes a secret that stands there %s', (_, source) => {
    expect(JSON.stringify(refused(source))).not.toContain(planted.slice(4, 20));
  });

  test('stops after a hundred problems and says how many there are', () => {
    const problems = refused(
      document({ x: Array.from({ length: 150 }, (_, index) => `unknown${index}: 1`).join('\n') }),
    );
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)?.got).toBe('50 more problems');
  });
});
