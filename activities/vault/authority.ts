import { z } from 'zod';
import type { Authority } from '../../cluster/certificates/certificate.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { VaultClient } from './client.ts';
import { authorityMount } from './paths.ts';

export interface AuthorityCall {
  client: VaultClient;
  token: string;
  cluster: string;
  authority: Authority;
}

const issuerList = z.object({
  data: z.object({
    keys: z.array(z.string()),
    key_info: z.record(z.string(), z.object({ is_default: z.boolean(), issuer_name: z.string().optional() })),
  }),
});
const issuer = z.object({ data: z.object({ certificate: z.string() }) });

/** Names of the CA certificates of an authority (ids where they have none), the one that signs first; empty before `cke-client init`. */
export async function listIssuers({ client, token, cluster, authority }: AuthorityCall): Promise<string[]> {
  const path = `${authorityMount(cluster, authority)}/issuers`;
  const list = await client.list({ path, token, shape: issuerList });
  if (list === undefined) return [];
  const { keys, key_info } = list.data;
  const nameOf = (id: string) => key_info[id]?.issuer_name || id;
  const [signing, others] = [
    keys.filter((id) => key_info[id]?.is_default),
    keys.filter((id) => !key_info[id]?.is_default),
  ];
  return [...signing, ...others.sort()].map(nameOf);
}

/**
 * PEM of the CA certificates of an authority: of `issuers`, or of all, the one that signs first.
 * Throws CkeError NotInitialised when there is none, or when one of `issuers` is not there.
 */
export async function readAuthorityBundle(call: AuthorityCall, issuers?: readonly string[]): Promise<string> {
  const { cluster, authority } = call;
  const names = issuers ?? (await listIssuers(call));
  if (names.length === 0) throw notInitialised(cluster, `the ${authority} authority has no CA`);
  const bundle = await Promise.all(names.map((name) => readIssuer(call, name)));
  return bundle.join('');
}

/** PEM of one CA certificate. Throws CkeError NotInitialised when it is not there. */
export async function readIssuer(call: AuthorityCall, name: string): Promise<string> {
  const { client, token, cluster, authority } = call;
  const path = `${authorityMount(cluster, authority)}/issuer/${name}/json`;
  const answer = await client.read({ path, token, shape: issuer });
  if (answer === undefined) throw notInitialised(cluster, `the ${authority} authority has no issuer ${name}`);
  return `${answer.data.certificate.trim()}\n`;
}

/** The error for what only `cke-client init` makes. */
export function notInitialised(cluster: string, got: string): CkeError {
  return new CkeError({
    code: 'NotInitialised',
    message: `Vault is not prepared for cluster ${cluster}`,
    got,
    fix: `cke-client init ${cluster}`,
    remedy: 'never',
  });
}
