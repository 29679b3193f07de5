/** The six trust domains of a cluster, each a PKI mount of its own in Vault. */
export const authorities = [
  'server',
  'etcd-peer',
  'etcd-client',
  'kubernetes',
  'kubernetes-aggregation',
  'kubernetes-webhook',
] as const;

/** The CA of vault-kms alone, made where the provider `kms` is prepared for: who believes it is Vault itself, by the login of the plugin. */
export const pluginAuthority = 'vault-kms' as const;

export type Authority = (typeof authorities)[number] | typeof pluginAuthority;

export const certificateKinds = [
  'etcd-server',
  'etcd-peer',
  'apiserver-etcd-client',
  'etcd-rivers',
  'etcd-root',
  'apiserver',
  'apiserver-kubelet-client',
  'controller-manager',
  'scheduler',
  'kubelet',
  'kube-proxy',
  'front-proxy',
  'webhook',
  'etcd-user',
  'admin',
  'vault-kms',
] as const;

export type CertificateKind = (typeof certificateKinds)[number];

/** A leaf certificate as it is wanted: everything that Vault needs to issue it, nothing secret. */
export interface CertificateRequest {
  kind: CertificateKind;
  authority: Authority;
  /** Name of the node it is for; absent where any node's certificate of the kind looks alike. */
  node?: string;
  commonName: string;
  organizations: string[];
  dnsNames: string[];
  ipAddresses: string[];
  usages: readonly ('client' | 'server')[];
  lifetimeHours: number;
  renewBeforeHours: number;
  /** Name of the issuer in Vault that has to sign it; absent: the authority's default one. */
  issuer?: string;
  /** Issuer that was given up for that one when a rotation was turned around. */
  insteadOf?: string;
}

/** Public facts about a certificate that was issued. Times are RFC 3339 in UTC. */
export interface IssuedCertificate {
  kind: CertificateKind;
  serial: string;
  notBefore: string;
  notAfter: string;
  /** How many times rotation had been asked for when it was issued, plus one; absent in facts of older versions: 1. */
  generation?: number;
}
