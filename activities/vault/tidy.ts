import { z } from 'zod';
import type { AuthorityCall } from './authority.ts';
import { authorityMount } from './paths.ts';

/** Certificates stay for this long after their end: clocks differ, and people look back. */
const safetyBuffer = '72h';

/** Has Vault drop what has expired of one authority's certificates and revocations; Vault does it in the background. May be repeated. */
export async function tidyAuthority({ client, token, cluster, authority }: AuthorityCall): Promise<void> {
  const body = { tidy_cert_store: true, tidy_revoked_certs: true, safety_buffer: safetyBuffer };
  await client.write({ path: `${authorityMount(cluster, authority)}/tidy`, token, body, shape: z.unknown() });
}
