import { expect, test } from 'vitest';
import { accepted, document, fleet } from '../../declaration/testing/minimal.ts';
import { objectKey } from '../kubernetes-object.ts';
import { builtInObjects } from './built-in-objects.ts';
import { corefile } from './corefile.ts';
import { builtIn } from './labels.ts';
import { unboundConf } from './unbound-conf.ts';

const declaration = accepted(document(fleet(3, 2)));
const objects = builtInObjects({ declaration, upstreams: [] });

test('each has a key of its own, and what runs pods comes last', () => {
  expect(objects.map(objectKey)).toEqual([
    'ClusterRole/system:kube-apiserver-to-kubelet',
    'ClusterRoleBinding/system:kube-apiserver',
    'Service/kube-system/cke-etcd',
    'ServiceAccount/kube-system/cke-cluster-dns',
    'ClusterRole/system:cluster-dns',
    'ClusterRoleBinding/system:cluster-dns',
    'ConfigMap/kube-system/cluster-dns',
    'Service/kube-system/cluster-dns',
    'PodDisruptionBudget/kube-system/cluster-dns-pdb',
    'ConfigMap/kube-system/node-dns',
    'Deployment/kube-system/cluster-dns',
    'DaemonSet/kube-system/node-dns',
  ]);
});

test('each bears the label by which all of them are listed', () => {
  for (const { metadata } of objects) expect(metadata.labels).toMatchObject(builtIn);
});

test('another upstream changes both configurations, and no pod', () => {
  const other = builtInObjects({ declaration, upstreams: ['10.9.9.9'] });
  const changed = other.filter((one, index) => JSON.stringify(one) !== JSON.stringify(objects[index]));
  expect(changed.map(objectKey)).toEqual(['ConfigMap/kube-system/cluster-dns', 'ConfigMap/kube-system/node-dns']);
});

test('an exporter, where it is declared, is one more container that shares its port without saying so', () => {
  const withExporter = accepted(document({ ...fleet(3, 2), dns: 'dns_exporter: true' }));
  const others = builtInObjects({ declaration: withExporter, upstreams: [] });
  const podsOf = (all: typeof objects) => JSON.stringify(all.find(({ kind }) => kind === 'DaemonSet'));
  expect(podsOf(objects)).not.toContain('exporter');
  expect(podsOf(others)).toContain('"args":["-unbound.host=unix:///run/unbound/control.sock","-web.reuse-port=true"]');
  expect(podsOf(others)).not.toContain('ports');
});

test('a cluster of one node has one CoreDNS: a second one would find no place', () => {
  const single = builtInObjects({ declaration: accepted(document(fleet(1))), upstreams: [] });
  expect(single.find(({ kind }) => kind === 'Deployment')).toMatchObject({ spec: { replicas: 1 } });
  expect(objects.find(({ kind }) => kind === 'Deployment')).toMatchObject({ spec: { replicas: 2 } });
});

test.each([
  {
    upstreams: ['10.9.9.9', '10.9.9.8'],
    coredns: /forward \. 10\.9\.9\.9 10\.9\.9\.8$/m,
    unbound: /name: "\."\n  forward-addr: 10\.9\.9\.9\n  forward-addr: 10\.9\.9\.8$/m,
  },
  { upstreams: [], coredns: /^(?![^]*forward)/, unbound: /^include: "\/run\/unbound\/node-upstreams\.conf"$/m },
])(
  'who is asked for names outside of the cluster, with the upstreams $upstreams',
  ({ upstreams, coredns, unbound }) => {
    expect(corefile({ declaration, upstreams })).toMatch(coredns);
    expect(unboundConf({ declaration, upstreams })).toMatch(unbound);
  },
);

test('the domain of the cluster is the kubelet’s', () => {
  const other = accepted(
    document({
      ...fleet(1),
      x: 'options: {kubelet: {config: {apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, clusterDomain: k.example.com}}}',
    }),
  );
  expect(corefile({ declaration: other, upstreams: [] })).toContain('kubernetes k.example.com in-addr.arpa ip6.arpa {');
  expect(unboundConf({ declaration: other, upstreams: [] })).toContain(
    'name: "k.example.com"\n  stub-addr: 10.96.0.10',
  );
});
