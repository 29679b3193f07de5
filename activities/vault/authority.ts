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
  data: z.object({ keys: z.array(z.string()), key_info: z.record(z.string(), z.object({ is_default: z.boolean() })) }),
});
const issuer = z.object({ data: z.object({ certificate: z.string() }) });

/** Ids of the CA certificates of an authority, the one that signs first; empty before `cke-client init`. */
export async function listIssuers({ client, token, cluster, authority }: AuthorityCall): Promise<string[]> {
  const path = `${authorityMount(cluster, authority)}/issuers`;
  const list = await client.list({ path, token, shape: issuerList });
  if (list === undefined) return [];
  const { keys, key_info } = list.data;
  const [signing, others] = [
    keys.filter((id) => key_info[id]?.is_default),
    keys.filter((id) => !key_info[id]?.is_default),
  ];
  return [...signing, ...others.sort()];
}

/** PEM of every CA certificate of an authority, the one that signs first. Throws CkeError NotInitialised when there is none. */
export async function readAuthorityBundle(call: AuthorityCall): Promise<string> {
  const { client, token, cluster, authority } = call;
  const ids = await listIssuers(call);
  if (ids.length === 0) throw notInitialised(cluster, `the ${authority} authority has no CA`);
  const answers = await Promise.all(
    ids.map((id) =>
      client.read({ path: `${authorityMount(cluster, authority)}/issuer/${id}/json`, token, shape: issuer }),
    ),
  );
  return answers.map((answer) => `${answer?.data.certificate.trim()}\n`).join('');
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
