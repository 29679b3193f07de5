import { certificateRequest } from '../../cluster/certificates/catalogue.ts';
import { trustedIssuers } from '../../cluster/certificates/trust.ts';
import { isObject } from '../../cluster/components/component-config.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import type { AppliedResource } from '../../cluster/resources/user/applied.ts';
import { isSecret, serviceToCertify } from '../../cluster/resources/user/definition.ts';
import { trustedNames } from '../../cluster/resources/user/findings.ts';
import { trusting, wantsAuthority } from '../../cluster/resources/user/trusting.ts';
import type { StoredResource } from '../store/resources.ts';
import type { Vault } from '../vault/vault.ts';

/** An object with all that is not in its definition. It holds secrets: from Vault to the API server, and nowhere else. */
export interface Filled extends Pick<AppliedResource, 'trusts' | 'certificate'> {
  object: KubernetesObject;
}

interface Source {
  vault: Pick<Vault, 'resourceSecret' | 'authorityBundle' | 'issue'>;
  declaration: Declaration;
}

/**
 * Puts in what a Secret holds, the CA of webhooks where API servers are to trust it, and a fresh certificate where one is wanted.
 * @throws CkeError Vault…; VaultFailed where this object alone is concerned
 */
export async function filledIn(source: Source, { object, secretVersion = 0 }: StoredResource): Promise<Filled> {
  if (wantsAuthority(object)) return withAuthority(source, object);
  if (!isSecret(object)) return { object };
  const { vault, declaration } = source;
  const { namespace = 'default', name } = object.metadata;
  const stored = await vault.resourceSecret({ cluster: declaration.name, namespace, name });
  // Applied without it, the Secret that is there would lose what it holds.
  if ((stored?.version ?? 0) < secretVersion) throw contentLost({ namespace, name, secretVersion });
  const full = { ...object, ...(stored && { data: stored.data }) };
  const service = serviceToCertify(object);
  return service === undefined ? { object: full } : withCertificate(source, full, service);
}

async function withAuthority({ vault, declaration }: Source, object: KubernetesObject): Promise<Filled> {
  const issuers = trustedIssuers(declaration.trust, 'kubernetes-webhook');
  const bundle = await vault.authorityBundle({
    cluster: declaration.name,
    authority: 'kubernetes-webhook',
    ...(issuers && { issuers }),
  });
  return { object: trusting(object, base64(bundle)), trusts: trustedNames(declaration) };
}

async function withCertificate(
  { vault, declaration }: Source,
  object: KubernetesObject,
  service: { namespace: string; name: string },
): Promise<Filled> {
  const request = certificateRequest({ kind: 'webhook', declaration, service });
  const { certificate, privateKey, issued } = await vault.issue({ cluster: declaration.name, request });
  const data = isObject(object['data']) ? object['data'] : {};
  return {
    object: {
      ...object,
      type: 'kubernetes.io/tls',
      data: { ...data, 'tls.crt': base64(certificate), 'tls.key': base64(privateKey) },
    },
    certificate: { ...issued, ...(request.issuer !== undefined && { issuer: request.issuer }) },
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function contentLost(of: { namespace: string; name: string; secretVersion: number }): CkeError {
  return new CkeError({
    code: 'VaultFailed',
    message: `Vault does not hold version ${of.secretVersion} of what Secret ${of.namespace}/${of.name} holds`,
    fix: 'cke-client resource set FILE, with the Secret in it',
    remedy: 'never',
  });
}
