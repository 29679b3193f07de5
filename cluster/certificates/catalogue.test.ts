import { expect, test } from 'vitest';
import { CkeError } from '../errors.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { adminDefaults, certificateRequest } from './catalogue.ts';
import { certificateKinds } from './certificate.ts';
import type { CertificateKind } from './certificate.ts';

const node: NodeDeclaration = {
  name: 'cp-1',
  hostname: 'cp-1',
  address: '10.0.0.11',
  user: 'cke',
  control_plane: true,
  labels: {},
  annotations: {},
  taints: [],
  ssh: { port: 22 },
};
const declaration = declarationWith({});

function declarationWith(kubelet: {
  clusterDomain?: string;
}): Pick<Declaration, 'certificates' | 'service_subnet' | 'options'> {
  const plain = { extra_args: [], extra_binds: [], extra_env: {} };
  const config = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', ...kubelet };
  return {
    certificates: { lifetime_hours: 720, renew_before_hours: 240 },
    service_subnet: '10.100.0.0/16',
    options: {
      etcd: { ...plain, volume_name: 'etcd-cke' },
      rivers: plain,
      'etcd-rivers': { ...plain, on_workers: false },
      'kube-api': { ...plain, audit_log_enabled: false, audit_log_policy: '', audit_log_path: '-' },
      'vault-kms': plain,
      'kube-controller-manager': plain,
      'kube-scheduler': plain,
      'kube-proxy': { ...plain, disable: false },
      kubelet: {
        ...plain,
        boot_taints: [],
        config,
        cri_endpoint: '/run/containerd/containerd.sock',
        in_place_update: true,
      },
    },
  };
}

interface Row {
  authority: string;
  cn: string;
  o?: string;
  dns?: string;
  ip?: string;
  usages?: string;
}

const expected: Record<CertificateKind, Row> = {
  'etcd-server': {
    authority: 'server',
    cn: 'cp-1',
    dns: 'localhost cke-etcd cke-etcd.kube-system cke-etcd.kube-system.svc cp-1',
    ip: '127.0.0.1 10.0.0.11',
    usages: 'server',
  },
  'etcd-peer': { authority: 'etcd-peer', cn: 'cp-1', ip: '127.0.0.1 10.0.0.11', usages: 'client server' },
  'apiserver-etcd-client': { authority: 'etcd-client', cn: 'kube-apiserver' },
  'etcd-rivers': { authority: 'etcd-client', cn: 'etcd-rivers' },
  'vault-kms': { authority: 'vault-kms', cn: 'vault-kms' },
  'etcd-root': { authority: 'etcd-client', cn: 'root' },
  apiserver: {
    authority: 'kubernetes',
    cn: 'kubernetes',
    dns: 'localhost kubernetes kubernetes.default kubernetes.default.svc kubernetes.default.svc.cluster.local cp-1',
    ip: '127.0.0.1 10.0.0.11 10.100.0.1',
    usages: 'server',
  },
  'apiserver-kubelet-client': { authority: 'kubernetes', cn: 'kube-apiserver-kubelet-client' },
  'controller-manager': {
    authority: 'kubernetes',
    cn: 'system:kube-controller-manager',
    o: 'system:kube-controller-manager',
    dns: 'localhost cp-1',
    ip: '127.0.0.1 10.0.0.11',
    usages: 'client server',
  },
  scheduler: {
    authority: 'kubernetes',
    cn: 'system:kube-scheduler',
    o: 'system:kube-scheduler',
    dns: 'localhost cp-1',
    ip: '127.0.0.1 10.0.0.11',
    usages: 'client server',
  },
  kubelet: {
    authority: 'kubernetes',
    cn: 'system:node:cp-1',
    o: 'system:nodes',
    dns: 'localhost cp-1',
    ip: '127.0.0.1 10.0.0.11',
    usages: 'client server',
  },
  'kube-proxy': { authority: 'kubernetes', cn: 'system:kube-proxy', o: 'system:node-proxier' },
  'front-proxy': { authority: 'kubernetes-aggregation', cn: 'front-proxy-client' },
  webhook: {
    authority: 'kubernetes-webhook',
    cn: 'ops/guard',
    dns: 'guard guard.ops guard.ops.svc',
    usages: 'server',
  },
  'etcd-user': { authority: 'etcd-client', cn: 'backup' },
  admin: { authority: 'kubernetes', cn: 'cke:user:admin', o: 'system:masters' },
};

const ofKind = (kind: CertificateKind) => {
  if (kind === 'webhook')
    return certificateRequest({ kind, declaration, service: { namespace: 'ops', name: 'guard' } });
  if (kind === 'etcd-user') return certificateRequest({ kind, declaration, user: 'backup' });
  return certificateRequest({ kind, declaration, node });
};

test.each(certificateKinds)('what does a certificate of kind %s say?', (kind) => {
  const { authority, commonName, organizations, dnsNames, ipAddresses, usages } = ofKind(kind);
  expect({
    authority,
    cn: commonName,
    o: organizations.join(' '),
    dns: dnsNames.join(' '),
    ip: ipAddresses.join(' '),
    usages: usages.join(' '),
  }).toEqual({ o: '', dns: '', ip: '', usages: 'client', ...expected[kind] });
});

test.each([
  ['etcd-server', 720, 240],
  ['kube-proxy', 720, 240],
  ['etcd-root', 2, 1],
  ['admin', 2, 1],
] as const)('how long is a certificate of kind %s valid?', (kind, lifetimeHours, renewBeforeHours) => {
  expect(certificateRequest({ kind, declaration, node })).toMatchObject({ lifetimeHours, renewBeforeHours });
});

test('a cluster with a domain of its own: is it in the API server’s certificate?', () => {
  const request = certificateRequest({
    kind: 'apiserver',
    declaration: declarationWith({ clusterDomain: 'k8s.test' }),
    node,
  });
  expect(request.dnsNames).toContain('kubernetes.default.svc.k8s.test');
  expect(request.dnsNames).not.toContain('kubernetes.default.svc.cluster.local');
});

test('a node that is named by its address: is the address no DNS name?', () => {
  const nameless = { ...node, name: '10.0.0.11' };
  for (const kind of ['etcd-server', 'etcd-peer', 'apiserver', 'kubelet'] as const) {
    const request = certificateRequest({ kind, declaration, node: nameless });
    expect(request.dnsNames).not.toContain('10.0.0.11');
    expect(request.node).toBe('10.0.0.11');
  }
});

test('is what is wanted free of repetitions?', () => {
  const local = { ...node, name: 'localhost', address: '127.0.0.1' };
  const request = certificateRequest({ kind: 'kubelet', declaration, node: local });
  expect([request.dnsNames, request.ipAddresses]).toEqual([['localhost'], ['127.0.0.1']]);
});

test('may an administrator have a name and groups of one’s own?', () => {
  const request = certificateRequest({
    kind: 'admin',
    declaration,
    user: 'alice@example.com',
    groups: ['ops', 'dev'],
    ttlHours: 48,
  });
  expect(request).toMatchObject({ commonName: 'alice@example.com', organizations: ['ops', 'dev'], lifetimeHours: 48 });
});

test.each([
  ['a lifetime of 49 hours', { ttlHours: 49 }],
  ['no lifetime', { ttlHours: 0 }],
  ['a lifetime that is no number', { ttlHours: Number.NaN }],
  ['the name of a node', { user: 'system:node:cp-1' }],
  ['the group of nodes', { groups: ['system:nodes'] }],
  ['a wildcard', { user: '*.example.com' }],
  ['an empty name', { user: '' }],
  ['a comma', { groups: ['ops,system:masters'] }],
])('an administrator with %s: refused?', (_, wish) => {
  expect(() => certificateRequest({ kind: 'admin', declaration, ...wish })).toThrow(CkeError);
  expect(adminDefaults.maximumTtlHours).toBe(48);
});

test.each([
  ['root', { user: 'root' }],
  ['the API server’s user', { user: 'kube-apiserver' }],
  ['a wildcard', { user: '*' }],
  ['eleven years', { user: 'backup', ttlHours: 96_360 }],
])('an application’s etcd user with %s: refused?', (_, wish) => {
  expect(() => certificateRequest({ kind: 'etcd-user', declaration, ...wish })).toThrow(CkeError);
});
