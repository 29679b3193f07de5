import type { Declaration } from '../declaration/declaration.ts';
import { flagOf } from '../declaration/extra-args.ts';
import type { KubeApiOptions } from '../declaration/service-options.ts';
import { minorOf, parseVersion } from '../declaration/versions.ts';
import { textFile } from './files.ts';
import type { FileSpec } from './spec.ts';
import { yamlText } from './yaml-text.ts';

const path = '/etc/kubernetes/apiserver/authentication.yml';

/**
 * Anonymous requests are let in at the health paths only: rivers of every node asks there without a certificate, and the
 * rest (discovery, for one) is nobody's business. An AuthenticationConfiguration says so; Kubernetes 1.32 and later
 * have it switched on. API servers that the user configures another way (OIDC flags, a file of their own) don't take
 * such a file beside it, and keep Kubernetes' default: anonymous requests, which RBAC allows the same paths and discovery.
 */
export function authenticationArgs(options: KubeApiOptions): string[] {
  return userDecides(options) ? [] : [`--authentication-config=${path}`];
}

/** The file that `authenticationArgs` names. */
export function authenticationFiles({ options, kubernetes_version }: Declaration): FileSpec[] {
  if (userDecides(options['kube-api'])) return [];
  const text = yamlText({
    apiVersion: `apiserver.config.k8s.io/${apiVersion(kubernetes_version)}`,
    kind: 'AuthenticationConfiguration',
    anonymous: { enabled: true, conditions: ['/livez', '/readyz', '/healthz'].map((at) => ({ path: at })) },
  });
  return [textFile(path, text)];
}

function apiVersion(kubernetesVersion: string): string {
  const version = parseVersion(kubernetesVersion);
  return version !== undefined && minorOf(version) === '1.33' ? 'v1beta1' : 'v1';
}

function userDecides({ extra_args }: KubeApiOptions): boolean {
  return extra_args.some((text) => {
    const name = flagOf(text)?.name ?? '';
    return name === 'authentication-config' || name === 'anonymous-auth' || name.startsWith('oidc-');
  });
}
