import { authorities, pluginAuthority } from '../../cluster/certificates/certificate.ts';
import { kmsRoleName } from '../../cluster/components/vault-kms.ts';
import {
  authorityMount,
  bucketSecretPath,
  encryptionKeyPath,
  identityName,
  kmsLoginRolePath,
  payloadKeysPath,
  resourceSecretPath,
  secretPath,
  transitKeyPath,
} from './paths.ts';

/** A line of a policy. `fields`: the only ones that may be in the request. */
export interface Rule {
  path: string;
  capabilities: readonly string[];
  fields?: readonly string[];
}

/**
 * What the worker may do for one cluster, in HCL: keep its roles, issue by them, have them tidied, read its CAs and its secrets,
 * renew its own token and exchange its own secret-id. And rotate: have Vault make a root whose key stays there, name the default
 * issuer, delete an issuer and its key, say which CAs the plugin's login believes, add a pair that signs tokens and keys for Secrets, keep what users' Secrets hold, rotate the transit key and
 * give up its old versions: never wrap or unwrap with it. No key is exported or imported; no `sys/`, no other cluster.
 * Shared by the clusters of a Temporal namespace: the keys that their payloads are encrypted with.
 */
export function clusterPolicy(cluster: string, namespace: string): string {
  return [
    ...authorities.flatMap((authority) => authorityRules(authorityMount(cluster, authority))),
    ...ownRules(cluster),
    ...kmsRules(cluster),
    { path: payloadKeysPath(namespace), capabilities: ['read'] },
  ]
    .map(ruleText)
    .join('');
}

/** A rule in HCL. */
export function ruleText({ path, capabilities, fields }: Rule): string {
  const allowed = fields?.map((field) => `    ${JSON.stringify(field)} = []\n`).join('');
  const parameters = allowed === undefined ? '' : `  allowed_parameters = {\n${allowed}  }\n`;
  return `path "${path}" {\n  capabilities = ${JSON.stringify(capabilities)}\n${parameters}}\n`;
}

function authorityRules(mount: string): Rule[] {
  return [...issuingRules(mount, '*'), ...rotationRules(mount)];
}

function issuingRules(mount: string, role: string): Rule[] {
  return [
    { path: `${mount}/roles/${role}`, capabilities: ['create', 'read', 'update'] },
    { path: `${mount}/issue/${role}`, capabilities: ['create', 'update'] },
  ];
}

function rotationRules(mount: string): Rule[] {
  return [
    { path: `${mount}/tidy`, capabilities: ['update'] },
    { path: `${mount}/issuers`, capabilities: ['list'] },
    { path: `${mount}/issuer/+/json`, capabilities: ['read'] },
    { path: `${mount}/issuer/+`, capabilities: ['delete'] },
    { path: `${mount}/issuers/generate/root/internal`, capabilities: ['create', 'update'] },
    { path: `${mount}/config/issuers`, capabilities: ['create', 'update'] },
    { path: `${mount}/keys`, capabilities: ['list'] },
    { path: `${mount}/key/+`, capabilities: ['delete'] },
  ];
}

function ownRules(cluster: string): Rule[] {
  const anySecret = resourceSecretPath(cluster, { namespace: '+', name: '+' });
  return [
    ...(['ssh', 'service-account', 'encryption', 'notifications', 'registries'] as const).map((name) => ({
      path: secretPath(cluster, name),
      capabilities: name === 'service-account' ? ['create', 'read', 'update'] : ['read'],
    })),
    ...['secret-id', 'secret-id/lookup', 'secret-id/destroy'].map((name) => ({
      path: `auth/approle/role/${identityName(cluster)}/${name}`,
      capabilities: ['update'],
    })),
    // Neither update nor delete: a key that Secrets were written with can't be lost by us.
    { path: encryptionKeyPath(cluster, '+'), capabilities: ['create', 'read'] },
    { path: bucketSecretPath(cluster, '+'), capabilities: ['read'] },
    { path: anySecret, capabilities: ['create', 'read', 'update'] },
    { path: anySecret.replace('/data/', '/metadata/'), capabilities: ['delete'] },
    { path: 'auth/token/renew-self', capabilities: ['update'] },
    { path: 'auth/token/lookup-self', capabilities: ['read'] },
  ];
}

/**
 * Of the plugin's CA the one role, and of its login which CAs are believed: never from where, under which name, or with which policies one
 * may log in. Of the transit key what tells, adds and gives up versions.
 */
function kmsRules(cluster: string): Rule[] {
  const mount = authorityMount(cluster, pluginAuthority);
  return [
    ...issuingRules(mount, kmsRoleName),
    ...rotationRules(mount),
    { path: kmsLoginRolePath(cluster), capabilities: ['read', 'update'], fields: ['certificate'] },
    { path: transitKeyPath(cluster), capabilities: ['read'] },
    { path: transitKeyPath(cluster, 'rotate'), capabilities: ['update'] },
    { path: transitKeyPath(cluster, 'config'), capabilities: ['update'], fields: ['min_decryption_version'] },
  ];
}
