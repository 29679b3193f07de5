import type { Authority, CertificateRequest } from '../certificates/certificate.ts';
import { signature, tokenSigner, trustedIssuers } from '../certificates/trust.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { riversUrl } from './endpoint.ts';
import type { FileSpec } from './spec.ts';

/** A certificate and its key: `<path>.crt` and `<path>.key`. */
export function certificatePair(path: string, certificate: CertificateRequest): FileSpec[] {
  return [
    { path: `${path}.crt`, mode: '0644', content: 'certificate', certificate },
    { path: `${path}.key`, mode: '0600', content: 'private-key', certificate },
  ];
}

/** The CA certificates of an authority. */
export function authorityFile(path: string, authority: Authority, { trust }: Pick<Declaration, 'trust'>): FileSpec {
  const issuers = trustedIssuers(trust, authority);
  return { path, mode: '0644', content: 'authority', authority, ...(issuers && { issuers }) };
}

/** What verifies service-account tokens: every key that may have signed one that is still valid (rule C-06). */
export function tokenVerifierFile(path: string, { trust }: Pick<Declaration, 'trust'>): FileSpec {
  const keys = trustedIssuers(trust, tokenSigner);
  return { path, mode: '0644', content: 'service-account', part: 'public', ...(keys && { keys }) };
}

/** What signs service-account tokens. */
export function tokenSignerFile(path: string, { trust }: Pick<Declaration, 'trust'>): FileSpec {
  const { issuer, ...mark } = signature(trust, tokenSigner);
  const keys = issuer === undefined ? {} : { keys: [issuer], ...mark };
  return { path, mode: '0600', content: 'service-account', part: 'private', ...keys };
}

/** A configuration file: for root's eyes only (reliability §6.6). */
export function textFile(path: string, text: string): FileSpec {
  return { path, mode: '0600', content: 'text', text };
}

/** A kubeconfig that reaches the API through rivers. */
export function kubeconfigFile(
  path: string,
  { name, trust }: Pick<Declaration, 'name' | 'trust'>,
  certificate: CertificateRequest,
): FileSpec {
  const issuers = trustedIssuers(trust, 'kubernetes');
  const content = { content: 'kubeconfig', cluster: name, server: riversUrl, certificate } as const;
  return { path, mode: '0600', ...content, ...(issuers && { issuers }) };
}
