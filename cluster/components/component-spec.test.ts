import { describe, expect, test } from 'vitest';
import type { Declaration } from '../declaration/declaration.ts';
import { accepted, document, nodes, options, withKms } from '../declaration/testing/minimal.ts';
import { components, type Component } from './component.ts';
import { componentSpec, componentsOf } from './component-spec.ts';
import type { EtcdMembershipSpec } from './etcd.ts';
import type { ComponentSpec } from './spec.ts';

const settled: EtcdMembershipSpec = { start: 'settled', directory: 'm-1' };
const first: EtcdMembershipSpec = {
  start: 'first',
  directory: 'm-1',
  token: 't0k3n',
  cluster: 'new',
  members: [{ name: '10.0.0.11', address: '10.0.0.11' }],
};

function spec(declaration: Declaration, component: Component, membership: EtcdMembershipSpec = settled): ComponentSpec {
  const [node] = declaration.nodes;
  if (node === undefined) throw new Error('no node');
  return componentSpec({ declaration, node, component, membership });
}

function declare(fields: Record<string, string> = {}): Declaration {
  return accepted(document({ ...withKms, ...fields }));
}

function containerdSources({ container }: ComponentSpec): string[] {
  return container.mounts
    .filter(({ destination }) => destination === '/var/lib/containerd')
    .map(({ source }) => source);
}

function kubelet(config: string, more = ''): string {
  const fields = `config: {apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration${config}}`;
  return textOf(spec(declare(options('kubelet', more + fields)), 'kubelet'), 'kubelet/config.yml');
}

function textOf({ files }: ComponentSpec, ending: string): string {
  const file = files.find(({ path }) => path.endsWith(ending));
  return file?.content === 'text' ? file.text : '';
}

describe('what a node runs', () => {
  const disabled = declare(options('kube-proxy', 'disable: true'));
  const everywhere = declare(options('etcd-rivers', 'on_workers: true'));
  test.each([
    ['a control plane: everything', declare(), 0, components],
    ['a control plane that holds its keys', accepted(document()), 0, components.filter((one) => one !== 'vault-kms')],
    ['a worker: proxy to the API, kubelet, kube-proxy', declare(), 1, ['rivers', 'kubelet', 'kube-proxy']],
    ['a worker without kube-proxy', disabled, 1, ['rivers', 'kubelet']],
    ['a worker with the proxy to etcd', everywhere, 1, ['rivers', 'etcd-rivers', 'kubelet', 'kube-proxy']],
  ])('%s', (_, declaration, index, expected) => {
    const node = declaration.nodes[index];
    expect(node && componentsOf(declaration, node)).toEqual(expected);
  });
});

describe('every component', () => {
  const all = components.map((component) => spec(declare(), component));

  test.each(all.map((one) => [one.component, one] as const))(
    '%s keeps its files below its root, keys at 0600',
    (_, one) => {
      for (const file of one.files) {
        expect(file.path.startsWith(`${one.root}/`)).toBe(true);
        const secret =
          !['certificate', 'authority'].includes(file.content) &&
          !(file.content === 'service-account' && file.part === 'public');
        expect([file.path, file.mode]).toEqual([file.path, secret ? '0600' : '0644']);
      }
    },
  );

  test.each(all.map((one) => [one.component, one] as const))(
    '%s reads no file below /etc that its set lacks',
    (_, one) => {
      const own = new Set(one.files.map(({ path }) => path));
      const text = [
        one.container.command.join('\n'),
        ...one.files.map((file) => (file.content === 'text' ? file.text : '')),
      ].join('\n');
      const read = [...text.matchAll(/\/etc\/(?:kubernetes|etcd|rivers)\/[\w./-]+/g)].map(([path]) => path);
      expect(read.filter((path) => !own.has(path))).toEqual([]);
    },
  );

  test('no two of them have a file of the same path', () => {
    const paths = all.flatMap(({ files }) => files.map(({ path }) => path));
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });

  test('each certificate kind is asked for once per node', () => {
    const kinds = all.flatMap(({ files }) => [
      ...new Set(files.flatMap((file) => ('certificate' in file ? [file.certificate.kind] : []))),
    ]);
    expect(kinds.filter((kind, index) => kinds.indexOf(kind) !== index)).toEqual([]);
  });

  test('mounts have destinations of their own', () => {
    for (const { container } of all) {
      const destinations = container.mounts.map(({ destination }) => destination);
      expect(new Set(destinations).size).toBe(destinations.length);
    }
  });
});

describe('what the user adds', () => {
  test('arguments come last', () => {
    const { container } = spec(declare(options('kube-scheduler', 'extra_args: ["--v=4"]')), 'kube-scheduler');
    expect(container.command.at(-1)).toBe('--v=4');
  });

  // The declaration's name for kube-apiserver is CKE's.
  test.each(components)('%s: arguments, binds and variables are in its container', (component) => {
    const name = component === 'kube-apiserver' ? 'kube-api' : component;
    const isProxy = component === 'rivers' || component === 'etcd-rivers';
    const args = isProxy ? '' : 'extra_args: ["--v=7"], ';
    const binds =
      'extra_binds: [{source: /srv/a, destination: /a, read_only: true, propagation: rslave, selinux_label: z}]';
    const own = spec(declare(options(name, `${args}${binds}, extra_env: {TZ: UTC}`)), component);
    const plain = spec(declare(), component);
    expect(own.container).toEqual({
      ...plain.container,
      command: [...plain.container.command, ...(isProxy ? [] : ['--v=7'])],
      env: { ...plain.container.env, TZ: 'UTC' },
      mounts: [
        ...plain.container.mounts,
        {
          source: '/srv/a',
          destination: '/a',
          access: 'ro',
          propagation: 'rslave',
          selinux_label: 'z',
          source_kind: 'created',
        },
      ],
    });
  });

  test('the bind of containerd’s directory replaces ours', () => {
    const own = declare(
      options(
        'kubelet',
        'extra_binds: [{source: /data/containerd, destination: /var/lib/containerd, propagation: rshared}]',
      ),
    );
    expect(containerdSources(spec(declare(), 'kubelet'))).toEqual(['/var/lib/containerd']);
    expect(containerdSources(spec(own, 'kubelet'))).toEqual(['/data/containerd']);
  });

  test.each([
    ['anonymous requests by our file', '[]', true],
    ['OIDC flags, which don’t go with a file', '["--oidc-issuer-url=https://id.example"]', false],
    ['anonymous requests switched off', '["--anonymous-auth=false"]', false],
  ])('authentication: %s', (_, args, ours) => {
    const { container, files } = spec(declare(options('kube-api', `extra_args: ${args}`)), 'kube-apiserver');
    expect(container.command.some((text) => text.startsWith('--authentication-config='))).toBe(ours);
    expect(files.some(({ path }) => path.endsWith('authentication.yml'))).toBe(ours);
  });

  test('flags of CKE’s rivers become settings of HAProxy', () => {
    const args = '["--check-interval=20s", "--dial-timeout=10s", "--dial-keep-alive=30s", "--shutdown-timeout=3s"]';
    const { container, ...rest } = spec(declare(options('rivers', `extra_args: ${args}`)), 'rivers');
    expect(container.command).toEqual(['haproxy', '-db', '-f', '/etc/rivers/rivers/haproxy.cfg']);
    const text = textOf({ container, ...rest }, 'haproxy.cfg');
    for (const setting of [' inter 20s ', 'timeout connect 10s', 'srvtcpka-idle 30s', 'hard-stop-after 3s']) {
      expect(text).toContain(setting);
    }
  });
});

describe('etcd', () => {
  test('the first start names all members, and is not repeated by Docker', () => {
    const { container } = spec(declare(), 'etcd', first);
    expect(container.restart).toBe('no');
    expect(container.command).toContain('--initial-cluster=10.0.0.11=https://10.0.0.11:2380');
    expect(container.command).toContain('--initial-cluster-token=t0k3n');
  });

  test('a settled member is not in the initial cluster that it names', () => {
    const { container } = spec(declare(), 'etcd', settled);
    expect(container.restart).toBe('always');
    const initial = container.command.filter((text) => text.startsWith('--initial-cluster'));
    expect(initial).toHaveLength(1);
    expect(initial[0]).not.toContain('10.0.0.11');
  });

  test('a missing data directory keeps it from starting', () => {
    expect(spec(declare(), 'etcd', settled).container.mounts[0]).toEqual({
      source: '/var/lib/etcd-cke/m-1',
      destination: '/var/lib/etcd',
      access: 'rw',
      source_kind: 'required',
    });
  });

  test('IPv6: brackets in every URL', () => {
    const declaration = accepted(
      document({
        ...nodes('address: "fd00::11", hostname: cp-1, user: cke, control_plane: true'),
        service_subnet: 'service_subnet: fd01::/108',
      }),
    );
    const { command } = spec(declaration, 'etcd').container;
    expect(command).toContain('--advertise-client-urls=https://[fd00::11]:2379');
    expect(command).toContain('--listen-peer-urls=https://[::]:2380');
    expect(textOf(spec(declaration, 'rivers'), 'haproxy.cfg')).toContain('  server cp-1 [fd00::11]:6443');
  });
});

describe('configuration files', () => {
  test('the user’s values replace defaults', () =>
    expect(kubelet(', runtimeRequestTimeout: 5m')).toContain('runtimeRequestTimeout: "5m"'));
  test('forced values replace the user’s', () =>
    expect(kubelet(', authorization: {mode: AlwaysAllow}')).toContain('mode: Webhook'));
  test('the rest of a forced object is the user’s', () =>
    expect(kubelet(', authorization: {webhook: {cacheAuthorizedTTL: 3m}}')).toContain('cacheAuthorizedTTL: "3m"'));
  test('a bare CRI socket becomes a URL', () =>
    expect(kubelet('')).toContain('containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock"'));
  test.each(['unix:///var/run/crio/crio.sock', '/var/run/crio/crio.sock', '/run/crio/crio.sock'])(
    'CRI-O by %s: the kubelet reaches the socket, and sees the disk of its images',
    (endpoint) => {
      const own = spec(declare(options('kubelet', `cri_endpoint: '${endpoint}'`)), 'kubelet');
      expect(textOf(own, 'kubelet/config.yml')).toContain('containerRuntimeEndpoint: "unix:///run/crio/crio.sock"');
      const sources = own.container.mounts.map(({ source }) => source);
      expect(sources).toEqual(expect.arrayContaining(['/run', '/var/lib/containers']));
      expect(sources).not.toContain('/var/lib/containerd');
    },
  );
  test('a boot taint replaces the registered one of its key', () => {
    const text = kubelet(
      ', registerWithTaints: [{key: a, value: x, effect: NoSchedule}, {key: b, value: x, effect: NoSchedule}]',
      'boot_taints: [{key: a, value: boot, effect: NoExecute}], ',
    );
    expect(text.match(/key: a/g)).toHaveLength(1);
    expect(text).toContain('value: boot');
    expect(text).toContain('key: b');
  });
  test('kube-proxy learns the pod subnet', () => {
    const text = textOf(spec(declare({ pods: 'pod_subnet: 10.244.0.0/16' }), 'kube-proxy'), 'proxy/config.yml');
    expect(text).toContain('clusterCIDR: "10.244.0.0/16"');
  });
});

describe('private registries', () => {
  const registries = 'private_registries: [{host: registry.example.com, credentials_secret: harbor}]';

  test('the kubelet has their logins where it looks for them, by name', () => {
    const own = spec(declare({ registries }), 'kubelet');
    const file = own.files.find(({ content }) => content === 'registry-logins');
    expect(file).toEqual({
      path: `${own.container.env['HOME']}/.docker/config.json`,
      mode: '0600',
      content: 'registry-logins',
      registries: [{ host: 'registry.example.com', credentials_secret: 'harbor' }],
    });
  });

  test.each(components.filter((one) => one !== 'kubelet'))('%s is the same with and without them', (component) => {
    expect(spec(declare({ registries }), component)).toEqual(spec(declare(), component));
  });
});
