import { CkeError } from '../errors.ts';
import { apiServiceAddress, clusterDomain } from '../declaration/cluster-addresses.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { pluginAuthority, type Authority, type CertificateKind, type CertificateRequest } from './certificate.ts';
import { signature } from './trust.ts';

/**
 * The user that the API server is to kubelets (CKE used its serving certificate, user `kubernetes`): to be bound to the
 * ClusterRole `system:kubelet-api-admin` or one of our own.
 */
export const kubeletClientUser = 'kube-apiserver-kubelet-client';

/** The only name that an API server accepts of an aggregating proxy (`--requestheader-allowed-names`). */
export const frontProxyUser = 'front-proxy-client';

/** The only name that Vault lets in as the plugin of API servers. */
export const kmsUser = 'vault-kms';

/** The user that a kubeconfig is for unless another one is asked for, and how long its certificate is valid. */
export const adminDefaults = { user: 'cke:user:admin', groups: ['system:masters'], ttlHours: 2, maximumTtlHours: 48 };

/** Kinds of which each node has a certificate that names it. */
export type NodeCertificateKind =
  'etcd-server' | 'etcd-peer' | 'apiserver' | 'controller-manager' | 'scheduler' | 'kubelet';

/** No leaf outlives its authority. */
const longestHours = 87_600;

type Facts = Pick<Declaration, 'certificates' | 'service_subnet' | 'options' | 'trust'>;

/** Kinds that name a person, an application or a Service, whom the caller knows. */
type NamedKind = 'admin' | 'etcd-user' | 'webhook';

type ClientKind = Exclude<CertificateKind, NodeCertificateKind | NamedKind>;

export type CatalogueEntry =
  | { kind: NodeCertificateKind; declaration: Facts; node: NodeDeclaration }
  | { kind: ClientKind; declaration: Facts; node?: NodeDeclaration }
  | { kind: 'webhook'; declaration: Facts; service: { namespace: string; name: string } }
  | { kind: 'etcd-user'; declaration: Facts; user: string; ttlHours?: number }
  | { kind: 'admin'; declaration: Facts; user?: string; groups?: readonly string[]; ttlHours?: number };

/**
 * The certificate of a kind as it is wanted: subject, SANs, usages and lifetime of reference §5.4, SANs exactly the
 * declared identities (rule C-04). Lifetimes are the declaration's, but for `admin` (2 h) and `etcd-root` (2 h).
 * @throws CkeError InvalidRequest for a user or lifetime that is not allowed
 */
export function certificateRequest(entry: CatalogueEntry): CertificateRequest {
  const request = identityRequest(entry);
  return { ...request, ...signature(entry.declaration.trust, request.authority) };
}

function identityRequest(entry: CatalogueEntry): CertificateRequest {
  switch (entry.kind) {
    case 'etcd-server':
      return nodeCertificate(entry, { authority: 'server', commonName: entry.node.name, usages: ['server'] });
    case 'etcd-peer':
      return nodeCertificate(entry, {
        authority: 'etcd-peer',
        commonName: entry.node.name,
        usages: ['client', 'server'],
      });
    case 'apiserver':
      return nodeCertificate(entry, { authority: 'kubernetes', commonName: 'kubernetes', usages: ['server'] });
    // These two are clients of the API and serve their own health and metrics: CKE lent them the API server's key.
    case 'controller-manager':
      return nodeCertificate(entry, { ...systemUser('system:kube-controller-manager'), usages: ['client', 'server'] });
    case 'scheduler':
      return nodeCertificate(entry, { ...systemUser('system:kube-scheduler'), usages: ['client', 'server'] });
    case 'kubelet':
      return nodeCertificate(entry, {
        authority: 'kubernetes',
        commonName: `system:node:${entry.node.name}`,
        organizations: ['system:nodes'],
        usages: ['client', 'server'],
      });
    case 'webhook':
      return webhookCertificate(entry);
    case 'etcd-user':
      return etcdUserCertificate(entry);
    case 'admin':
      return adminCertificate(entry);
    default:
      return { ...clientCertificate(clients[entry.kind]), kind: entry.kind, ...lifetimeOf(entry) };
  }
}

interface Identity {
  authority: Authority;
  commonName: string;
  organizations?: string[];
}

const clients: Record<ClientKind, Identity> = {
  'apiserver-etcd-client': { authority: 'etcd-client', commonName: 'kube-apiserver' },
  'etcd-root': { authority: 'etcd-client', commonName: 'root' },
  /** For TLS checks only: no etcd user has this name, so that it opens nothing once authentication is on. */
  'etcd-rivers': { authority: 'etcd-client', commonName: 'etcd-rivers' },
  'apiserver-kubelet-client': { authority: 'kubernetes', commonName: kubeletClientUser },
  'kube-proxy': { ...systemUser('system:kube-proxy'), organizations: ['system:node-proxier'] },
  'front-proxy': { authority: 'kubernetes-aggregation', commonName: frontProxyUser },
  'vault-kms': { authority: pluginAuthority, commonName: kmsUser },
};

function systemUser(name: string): Identity {
  return { authority: 'kubernetes', commonName: name, organizations: [name] };
}

function clientCertificate({ authority, commonName, organizations = [] }: Identity) {
  return { authority, commonName, organizations, dnsNames: [], ipAddresses: [], usages: ['client'] as const };
}

function nodeCertificate(
  entry: Extract<CatalogueEntry, { kind: NodeCertificateKind }>,
  { organizations = [], ...identity }: Identity & Pick<CertificateRequest, 'usages'>,
): CertificateRequest {
  const { kind, declaration, node } = entry;
  const own = node.name === node.address ? [] : [node.name];
  const service = kind === 'apiserver' ? [apiServiceAddress(declaration)] : [];
  return {
    kind,
    ...identity,
    node: node.name,
    organizations,
    dnsNames: unique([...dnsNames(kind, declaration), ...(kind === 'etcd-peer' ? [] : own)]),
    ipAddresses: unique(['127.0.0.1', node.address, ...service]),
    ...lifetimeOf(entry),
  };
}

function dnsNames(kind: NodeCertificateKind, declaration: Facts): string[] {
  const services: Record<NodeCertificateKind, string[]> = {
    'etcd-server': ['localhost', 'cke-etcd', 'cke-etcd.kube-system', 'cke-etcd.kube-system.svc'],
    'etcd-peer': [],
    apiserver: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
    'controller-manager': ['localhost'],
    scheduler: ['localhost'],
    kubelet: ['localhost'],
  };
  const names = services[kind];
  return kind === 'apiserver' ? [...names, `kubernetes.default.svc.${clusterDomain(declaration)}`] : names;
}

/** The server of an admission webhook, under the three names that an API server may call its Service by. */
function webhookCertificate({ service, ...entry }: Extract<CatalogueEntry, { kind: 'webhook' }>): CertificateRequest {
  const { namespace, name } = service;
  return {
    kind: 'webhook',
    authority: 'kubernetes-webhook',
    commonName: `${namespace}/${name}`,
    organizations: [],
    dnsNames: [name, `${name}.${namespace}`, `${name}.${namespace}.svc`],
    ipAddresses: [],
    usages: ['server'],
    ...lifetimeOf({ ...entry, service }),
  };
}

/** An application's own user of etcd: its common name is the user (C-04), so the two that are ours are not given away. */
function etcdUserCertificate(entry: Extract<CatalogueEntry, { kind: 'etcd-user' }>): CertificateRequest {
  const { user, declaration, ttlHours = declaration.certificates.lifetime_hours } = entry;
  const ours = Object.values(clients).some((one) => one.authority === 'etcd-client' && one.commonName === user);
  if (ours) throw refusedName(user, 'a name that is not root, kube-apiserver or etcd-rivers');
  demandSubjectName(user);
  if (!(ttlHours > 0 && ttlHours <= longestHours)) throw lifetimeOutOfBounds(ttlHours, longestHours);
  const identity: Identity = { authority: 'etcd-client', commonName: user };
  return { ...clientCertificate(identity), kind: 'etcd-user', ...shortLifetime(ttlHours) };
}

function adminCertificate(entry: Extract<CatalogueEntry, { kind: 'admin' }>): CertificateRequest {
  const { user = adminDefaults.user, groups = adminDefaults.groups, ttlHours = adminDefaults.ttlHours } = entry;
  if (!(ttlHours > 0 && ttlHours <= adminDefaults.maximumTtlHours))
    throw lifetimeOutOfBounds(ttlHours, adminDefaults.maximumTtlHours);
  for (const name of [user, ...groups]) demandSubjectName(name);
  const identity: Identity = { authority: 'kubernetes', commonName: user, organizations: [...groups] };
  return { ...clientCertificate(identity), kind: 'admin', ...shortLifetime(ttlHours) };
}

/** `system:node:` and the like would borrow a component's identity; Vault would read a `*` as a wildcard. */
function demandSubjectName(name: string): void {
  const reserved = name.startsWith('system:') && name !== 'system:masters';
  if (!reserved && /^[A-Za-z0-9][A-Za-z0-9:._@/-]{0,63}$/.test(name)) return;
  const characters = 'up to 64 letters, digits and : . _ @ / -';
  throw refusedName(name, `${characters}, and of the names that begin with system: only system:masters`);
}

function refusedName(name: string, want: string): CkeError {
  return new CkeError({
    code: 'InvalidRequest',
    message: 'a user or group cannot be put into a certificate',
    got: JSON.stringify(name.slice(0, 80)),
    want,
    remedy: 'never',
  });
}

function lifetimeOutOfBounds(hours: number, most: number): CkeError {
  return new CkeError({
    code: 'InvalidRequest',
    message: 'the lifetime that was asked for a certificate is out of bounds',
    got: `${hours} hours`,
    want: `more than 0 and at most ${most} hours`,
    remedy: 'never',
  });
}

function lifetimeOf({ kind, declaration }: CatalogueEntry) {
  if (kind === 'etcd-root') return shortLifetime(2);
  const { lifetime_hours, renew_before_hours } = declaration.certificates;
  return { lifetimeHours: lifetime_hours, renewBeforeHours: renew_before_hours };
}

function shortLifetime(hours: number) {
  return { lifetimeHours: hours, renewBeforeHours: hours / 2 };
}

function unique(names: string[]): string[] {
  return [...new Set(names)];
}
