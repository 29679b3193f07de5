import type { Finding } from './problem.ts';
import { isSecretName } from './secrets.ts';
import { flagStanding } from './service-flags.ts';
import type { Component } from './service-flags.ts';

const denied = /^(LD_[A-Z_]+|PATH|BASH_ENV|ENV|IFS|KUBECONFIG|HOME|GCONV_PATH|GLIBC_TUNABLES)$/;

/** What is wrong with the name of an environment variable for a component. */
export function environmentNameFinding(component: Component, name: string): Finding | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return {
      code: 'invalid-env-name',
      want: 'letters, digits and _',
      hint: 'the name of a variable, without = and spaces',
    };
  if (denied.test(name) || isManagedByEnvironment(component, name))
    return {
      code: 'env-not-allowed',
      want: `no ${name} here`,
      hint: 'env not allowed: it would change which code or which settings run',
    };
  if (isSecretName(name)) return { code: 'secret-literal', want: 'no secret in the declaration', hint: secretHint };
  return undefined;
}

/** What is wrong with the value of an environment variable. */
export function environmentValueFinding(value: string): Finding | undefined {
  if (!/\p{Cc}/u.test(value)) return undefined;
  return { code: 'control-character', want: 'printable text', hint: 'remove the control character' };
}

/** etcd reads each of its flags from ETCD_… too. */
function isManagedByEnvironment(component: Component, name: string): boolean {
  if (component !== 'etcd' || !name.startsWith('ETCD_')) return false;
  return flagStanding('etcd', name.slice('ETCD_'.length).toLowerCase().replaceAll('_', '-'), 'false') !== 'free';
}

const secretHint = 'secrets must be references: put it into a file on the node and mount it with extra_binds';
