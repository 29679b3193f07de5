import { createHash } from 'node:crypto';
import { canonicalJson } from '../../cluster/canonical.ts';
import type { Authority, CertificateRequest } from '../../cluster/certificates/certificate.ts';
import { kmsLoginMountOf, kmsRoleName, transitKeyName, transitMountOf } from '../../cluster/components/vault-kms.ts';
import { isDnsLabel } from '../../cluster/declaration/kubernetes-names.ts';
import { CkeError } from '../../cluster/errors.ts';

/** Everything of a cluster is under this prefix, which no other cluster's policy covers. */
function clusterMount(cluster: string): string {
  demandName(cluster);
  return `cke/${cluster}`;
}

function demandName(cluster: string): void {
  if (isDnsLabel(cluster)) return;
  throw new CkeError({
    code: 'InvalidRequest',
    message: 'a cluster has a name that Vault paths cannot be made from',
    got: JSON.stringify(cluster.slice(0, 80)),
    want: 'up to 63 lower-case letters, digits and hyphens',
    remedy: 'never',
  });
}

/** The PKI mount of an authority. Throws CkeError InvalidRequest for a name that is none. */
export function authorityMount(cluster: string, authority: Authority): string {
  return `${clusterMount(cluster)}/ca-${authority}`;
}

/** The KV version 2 mount of a cluster's secrets. Throws CkeError InvalidRequest for a name that is none. */
export function secretsMount(cluster: string): string {
  return `${clusterMount(cluster)}/secrets`;
}

export type SecretName = 'ssh' | 'service-account' | 'encryption' | 'notifications' | 'registries';

/** The API path of a secret's latest version. */
export function secretPath(cluster: string, name: SecretName): string {
  return `${secretsMount(cluster)}/data/${name}`;
}

/** The KV version 2 mount of the keys that payloads are encrypted with: outside of `cke/`, where any name may be a cluster's. */
export const payloadsMount = 'cke-payloads';

/** A Temporal namespace as a part of paths: two that differ in case share their keys. */
export function namespaceSlug(namespace: string): string {
  return namespace.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
}

/** The API path of a namespace's keys for payloads. */
export function payloadKeysPath(namespace: string): string {
  return `${payloadsMount}/data/${namespaceSlug(namespace)}`;
}

/** The API path of a key for encryption at rest, or of any (`+` in a policy). Throws CkeError InvalidRequest for a name that is none. */
export function encryptionKeyPath(cluster: string, key: string): string {
  return `${secretsMount(cluster)}/data/encryption-keys/${key}`;
}

/** The API path of credentials of a bucket for backups, or of any (`+` in a policy). */
export function bucketSecretPath(cluster: string, entry: string): string {
  return `${secretsMount(cluster)}/data/backups/${entry}`;
}

/** The API path of what a user's Secret holds, or of any (`+` in a policy). */
export function resourceSecretPath(cluster: string, { namespace, name }: { namespace: string; name: string }): string {
  return `${secretsMount(cluster)}/data/resources/${namespace}/${name}`;
}

/** The mount of the transit engine that wraps the data keys of a cluster's Secrets. */
export function transitMount(cluster: string): string {
  demandName(cluster);
  return transitMountOf(cluster);
}

/** The API path of the transit key, or of what is done with it: `rotate`, `config`. */
export function transitKeyPath(cluster: string, action?: 'rotate' | 'config'): string {
  return [`${transitMount(cluster)}/keys/${transitKeyName}`, ...(action === undefined ? [] : [action])].join('/');
}

/** Where the plugin logs in, below `auth/`. */
export function kmsLoginMount(cluster: string): string {
  demandName(cluster);
  return kmsLoginMountOf(cluster);
}

/** The API path of the role that the plugin logs in by. */
export function kmsLoginRolePath(cluster: string): string {
  return `auth/${kmsLoginMount(cluster)}/certs/${kmsRoleName}`;
}

/** The plugin's policy. No cluster's name has a dot: it is not the policy of another cluster's worker. */
export function kmsPolicyName(cluster: string): string {
  return `${identityName(cluster)}.vault-kms`;
}

/** The name of a cluster's policy and of its AppRole. */
export function identityName(cluster: string): string {
  return clusterMount(cluster).replace('/', '-');
}

/** The PKI role of a request: by kind, and by node, person or Service where the certificate names one. */
export function roleName({ kind, node, commonName, organizations }: CertificateRequest): string {
  if (node !== undefined) return `${kind}-${node.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-')}`;
  if (kind !== 'admin' && kind !== 'etcd-user' && kind !== 'webhook') return kind;
  return `${kind}-${createHash('sha256').update(canonicalJson({ commonName, organizations })).digest('hex').slice(0, 12)}`;
}
