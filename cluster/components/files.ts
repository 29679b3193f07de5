import type { Authority, CertificateRequest } from '../certificates/certificate.ts';
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
export function authorityFile(path: string, authority: Authority): FileSpec {
  return { path, mode: '0644', content: 'authority', authority };
}

/** A configuration file: for root's eyes only (reliability §6.6). */
export function textFile(path: string, text: string): FileSpec {
  return { path, mode: '0600', content: 'text', text };
}

/** A kubeconfig that reaches the API through rivers. */
export function kubeconfigFile(
  path: string,
  { name }: Pick<Declaration, 'name'>,
  certificate: CertificateRequest,
): FileSpec {
  return { path, mode: '0600', content: 'kubeconfig', cluster: name, server: riversUrl, certificate };
}
