import { authorities } from '../../cluster/certificates/certificate.ts';
import { authorityMount, secretPath } from './paths.ts';

interface Rule {
  path: string;
  capabilities: readonly string[];
}

/**
 * What the worker may do for one cluster, in HCL: keep its roles, issue by them, read its CAs and its four secrets, renew
 * its own token. No root keys, no `sys/`, no other cluster.
 */
export function clusterPolicy(cluster: string): string {
  return [
    ...authorities.flatMap((authority) => authorityRules(authorityMount(cluster, authority))),
    ...ownRules(cluster),
  ]
    .map(({ path, capabilities }) => `path "${path}" {\n  capabilities = ${JSON.stringify(capabilities)}\n}\n`)
    .join('');
}

function authorityRules(mount: string): Rule[] {
  return [
    { path: `${mount}/roles/*`, capabilities: ['create', 'read', 'update'] },
    { path: `${mount}/issue/*`, capabilities: ['create', 'update'] },
    { path: `${mount}/issuers`, capabilities: ['list'] },
    { path: `${mount}/issuer/+/json`, capabilities: ['read'] },
  ];
}

function ownRules(cluster: string): Rule[] {
  return [
    ...(['ssh', 'service-account', 'encryption', 'notifications'] as const).map((name) => ({
      path: secretPath(cluster, name),
      capabilities: ['read'],
    })),
    { path: 'auth/token/renew-self', capabilities: ['update'] },
    { path: 'auth/token/lookup-self', capabilities: ['read'] },
  ];
}
