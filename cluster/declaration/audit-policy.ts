import { parseDocument } from 'yaml';
import type { Finding } from './problem.ts';

/** What is wrong with the text of an audit policy; the empty text is none. */
export function auditPolicyFinding(text: string): Finding | undefined {
  if (text === '') return undefined;
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  if (document.errors.length > 0) return invalid('it is not valid YAML');
  const policy: unknown = document.toJS({ maxAliasCount: 100 });
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) return invalid('it is not a mapping');
  if (!('apiVersion' in policy) || policy.apiVersion !== 'audit.k8s.io/v1')
    return invalid('apiVersion is not audit.k8s.io/v1');
  if (!('kind' in policy) || policy.kind !== 'Policy') return invalid('kind is not Policy');
  if (!('rules' in policy) || !Array.isArray(policy.rules) || policy.rules.length === 0)
    return invalid('it has no rules');
  return undefined;
}

const invalid = (reason: string): Finding => ({
  code: 'invalid-audit-policy',
  got: 'a policy text',
  want: 'YAML of an audit.k8s.io/v1 Policy with rules',
  hint: `${reason}; kube-apiserver would not start`,
});
