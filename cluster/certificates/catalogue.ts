import { CkeError } from '../errors.ts';
import { apiServiceAddress, clusterDomain } from '../declaration/cluster-addresses.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import type { Authority, CertificateKind, CertificateRequest } from './certificate.ts';
import { signingIssuer } from './trust.ts';

/**
 * The user that the API server is to kubelets (CKE used its serving certificate, user `kubernetes`): to be bound to the
 * ClusterRole `system:kubelet-api-admin` or one of our own.
 */
export const kubeletClientUser = 'kube-apiserver-kubelet-client';

/** The only name that an API server accepts of an aggregating proxy (`--requestheader-allowed-names`). */
export const frontProxyUser = 'front-proxy-client';

/** The user that a kubeconfig is for unless another one is asked for, and how long its certificate is valid. */
export const adminDefaults = { user: 'cke:user:admin', groups: ['system:masters'], ttlHours: 2, maximumTtlHours: 48 };

/** Kinds of which each node has a certificate that names it. */
export type NodeCertificateKind =
  'etcd-server' | 'etcd-peer' | 'apiserver' | 'controller-manager' | 'scheduler' | 'kubelet';

type Facts = Pick<Declaration, 'certificates' | 'service_subnet' | 'options' | 'trust'>;

export type CatalogueEntry =
  | { kind: NodeCertificateKind; declaration: Facts; node: NodeDeclaration }
  | { kind: Exclude<CertificateKind, NodeCertificateKind | 'admin'>; declaration: Facts; node?: NodeDeclaration }
  | { kind: 'admin'; declaration: Facts; user?: string; groups?: readonly string[]; ttlHours?: number };

/**
 * The certificate of a kind as it is wanted: subject, SANs, usages and lifetime of reference §5.4, SANs exactly the
 * declared identities (rule C-04). Lifetimes are the declaration's, but for `admin` (2 h) and `etcd-root` (2 h).
 * @throws CkeError InvalidRequest for an admin user or lifetime that is not allowed
 */
export function certificateRequest(entry: CatalogueEntry): CertificateRequest {
  const request = identityRequest(entry);
  const issuer = signingIssuer(entry.declaration.trust, request.authority);
  return issuer === undefined ? request : { ...request, issuer };
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

const clients: Record<Exclude<CertificateKind, NodeCertificateKind | 'admin'>, Identity> = {
  'apiserver-etcd-client': { authority: 'etcd-client', commonName: 'kube-apiserver' },
  'etcd-root': { authority: 'etcd-client', commonName: 'root' },
  /** For TLS checks only: no etcd user has this name, so that it opens nothing once authentication is on. */
  'etcd-rivers': { authority: 'etcd-client', commonName: 'etcd-rivers' },
  'apiserver-kubelet-client': { authority: 'kubernetes', commonName: kubeletClientUser },
  'kube-proxy': { ...systemUser('system:kube-proxy'), organizations: ['system:node-proxier'] },
  'front-proxy': { authority: 'kubernetes-aggregation', commonName: frontProxyUser },
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

function adminCertificate(entry: Extract<CatalogueEntry, { kind: 'admin' }>): CertificateRequest {
  const { user = adminDefaults.user, groups = adminDefaults.groups, ttlHours = adminDefaults.ttlHours } = entry;
  if (!(ttlHours > 0 && ttlHours <= adminDefaults.maximumTtlHours)) {
    throw new CkeError({
      code: 'InvalidRequest',
      message: 'the lifetime of an administrator’s certificate is out of bounds',
      got: `${ttlHours} hours`,
      want: `more than 0 and at most ${adminDefaults.maximumTtlHours} hours`,
      remedy: 'never',
    });
  }
  for (const name of [user, ...groups]) demandSubjectName(name);
  const identity: Identity = { authority: 'kubernetes', commonName: user, organizations: [...groups] };
  return { ...clientCertificate(identity), kind: 'admin', ...shortLifetime(ttlHours) };
}

/** `system:node:` and the like would borrow a component's identity; Vault would read a `*` as a wildcard. */
function demandSubjectName(name: string): void {
  const reserved = name.startsWith('system:') && name !== 'system:masters';
  if (!reserved && /^[A-Za-z0-9][A-Za-z0-9:._@/-]{0,63}$/.test(name)) return;
  throw new CkeError({
    code: 'InvalidRequest',
    message: 'a user or group cannot be put into an administrator’s certificate',
    got: JSON.stringify(name.slice(0, 80)),
    want: 'up to 64 letters, digits and : . _ @ / -, and of the names that begin with system: only system:masters',
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
