import type { Options } from './service-options.ts';

export type Component = keyof Options;

/** Flags that the program sets itself, by component: a second value would fight with it. Rule D-11. */
const managed: Record<Component, string[]> = {
  etcd: [
    'name',
    'data-dir',
    'wal-dir',
    'config-file',
    'listen-peer-urls',
    'listen-client-urls',
    'advertise-client-urls',
    'cert-file',
    'key-file',
    'client-cert-auth',
    'trusted-ca-file',
    'peer-cert-file',
    'peer-key-file',
    'peer-client-cert-auth',
    'peer-trusted-ca-file',
    'initial-advertise-peer-urls',
    'initial-cluster',
    'initial-cluster-token',
    'initial-cluster-state',
    'discovery',
    'discovery-token',
    'discovery-endpoints',
    'discovery-srv',
  ],
  rivers: ['upstreams', 'listen'],
  'etcd-rivers': ['upstreams', 'listen'],
  'kube-api': [
    'advertise-address',
    'allow-privileged',
    'audit-log-path',
    'audit-policy-file',
    'authorization-mode',
    'authorization-config',
    'bind-address',
    'client-ca-file',
    'encryption-provider-config',
    'endpoint-reconciler-type',
    'etcd-cafile',
    'etcd-certfile',
    'etcd-keyfile',
    'etcd-prefix',
    'etcd-servers',
    'kubelet-certificate-authority',
    'kubelet-client-certificate',
    'kubelet-client-key',
    'proxy-client-cert-file',
    'proxy-client-key-file',
    'requestheader-allowed-names',
    'requestheader-client-ca-file',
    'requestheader-extra-headers-prefix',
    'requestheader-group-headers',
    'requestheader-username-headers',
    'secure-port',
    'service-account-issuer',
    'service-account-key-file',
    'service-account-lookup',
    'service-account-signing-key-file',
    'service-cluster-ip-range',
    'tls-cert-file',
    'tls-private-key-file',
  ],
  'vault-kms': [
    'auth-method',
    'cert-file',
    'cert-key',
    'cert-mount',
    'cert-pem',
    'cert-role',
    'disable-v1',
    'disable-v2',
    'force-socket-overwrite',
    'health-port',
    'socket',
    'transit-key',
    'transit-mount',
    'vault-address',
  ],
  'kube-controller-manager': [
    'authentication-kubeconfig',
    'authorization-kubeconfig',
    'cluster-name',
    'kubeconfig',
    'leader-elect',
    'root-ca-file',
    'secure-port',
    'service-account-private-key-file',
    'service-cluster-ip-range',
    'tls-cert-file',
    'tls-private-key-file',
    'use-service-account-credentials',
  ],
  'kube-scheduler': [
    'authentication-kubeconfig',
    'authorization-kubeconfig',
    'config',
    'kubeconfig',
    'leader-elect',
    'secure-port',
    'tls-cert-file',
    'tls-private-key-file',
  ],
  'kube-proxy': ['config', 'hostname-override', 'kubeconfig'],
  kubelet: [
    'bootstrap-kubeconfig',
    'client-ca-file',
    'config',
    'config-dir',
    'container-runtime-endpoint',
    'hostname-override',
    'kubeconfig',
    'tls-cert-file',
    'tls-private-key-file',
  ],
};

/** Flags that put data or safety at risk, with the values that do (none listed: any value). Rule D-11. */
const forbidden: Record<Component, Record<string, string[]>> = {
  etcd: {
    'force-new-cluster': [],
    'unsafe-no-fsync': [],
    'strict-reconfig-check': ['false'],
    'pre-vote': ['false'],
    'auto-tls': [],
    'peer-auto-tls': [],
    'peer-skip-client-san-verification': [],
    'max-learners': [],
    'auth-token': [],
  },
  rivers: {},
  'etcd-rivers': {},
  'kube-api': { 'token-auth-file': [], 'enable-priority-and-fairness': ['false'] },
  'vault-kms': { token: [], 'approle-role-id': [], 'approle-secret-id': [], 'userpass-password': [] },
  'kube-controller-manager': {},
  'kube-scheduler': {},
  'kube-proxy': {},
  kubelet: { 'anonymous-auth': ['true'], 'authorization-mode': ['AlwaysAllow'], 'register-node': ['false'] },
};

/** Flags that may stand several times. */
const repeatable = new Set([
  'tls-sni-cert-key',
  'oidc-required-claim',
  'vmodule',
  'enable-admission-plugins',
  'disable-admission-plugins',
]);

/** The only flags of CKE's rivers; they become settings of HAProxy. */
export const riversFlags = ['check-interval', 'dial-timeout', 'dial-keep-alive', 'shutdown-timeout'];

export type FlagStanding = 'free' | 'managed' | 'forbidden';

/** Whether a user may set a flag of a component to a value. The name is without dashes in front. */
export function flagStanding(component: Component, name: string, value: string): FlagStanding {
  const risky = forbidden[component][name];
  if (risky !== undefined && (risky.length === 0 || risky.includes(value))) return 'forbidden';
  return managed[component].includes(name) ? 'managed' : 'free';
}

/** Whether a flag may be given more than once. */
export function isRepeatable(name: string): boolean {
  return repeatable.has(name);
}
