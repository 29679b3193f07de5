import { z } from 'zod';
import { pluginAuthority } from '../../cluster/certificates/certificate.ts';
import { CkeError } from '../../cluster/errors.ts';
import { listIssuers, readIssuer } from './authority.ts';
import { kmsLoginRolePath } from './paths.ts';
import type { SecretCall } from './secrets.ts';
import { kmsNotPrepared } from './transit.ts';

const storedRole = z.object({ data: z.object({ certificate: z.string() }) });

/** Which CAs the plugin's login believes, beside those that it is to believe. */
interface LoginTrust {
  /** By their names in Vault. */
  lacking: string[];
  /** How many it believes beyond them. */
  surplus: number;
  /** PEM of those that are wanted. */
  wanted: string[];
}

/**
 * Why the login of vault-kms does not believe exactly these issuers (all that there are, unless told), as a sentence; undefined when it does.
 * @throws CkeError NotInitialised when `cke-client init` was never told to make it
 */
export async function loginDrift(call: SecretCall, issuers?: readonly string[]): Promise<string | undefined> {
  const { lacking, surplus } = await compareTrust(call, issuers);
  const differences = [
    ...(lacking.length === 0 ? [] : [`does not believe ${lacking.join(', ')} yet`]),
    ...(surplus === 0 ? [] : [`believes ${surplus} more than it has to`]),
  ];
  return differences.length === 0 ? undefined : `Vault's login of ${pluginAuthority} ${differences.join(', and ')}`;
}

/** Has the login believe exactly these issuers. Nothing else of it is written, and our policy allows no more. May be repeated. */
export async function ensureLoginTrust(call: SecretCall, issuers: readonly string[]): Promise<void> {
  const { lacking, surplus, wanted } = await compareTrust(call, issuers);
  if (lacking.length === 0 && surplus === 0) return;
  const { client, token, cluster } = call;
  const body = { certificate: wanted.join('').trim() };
  await client.write({ path: kmsLoginRolePath(cluster), token, body, shape: z.unknown() });
}

async function compareTrust(call: SecretCall, issuers?: readonly string[]): Promise<LoginTrust> {
  const { client, token, cluster } = call;
  const stored = await client.read({ path: kmsLoginRolePath(cluster), token, shape: storedRole });
  if (stored === undefined) throw new CkeError(kmsNotPrepared(cluster));
  const authority = { ...call, authority: pluginAuthority };
  const names = issuers ?? (await listIssuers(authority));
  const wanted = await Promise.all(names.map((name) => readIssuer(authority, name)));
  const believed = new Set(certificatesOf(stored.data.certificate));
  const lacking = names.filter((_, index) => !believed.has(bare(wanted[index] ?? '')));
  return { lacking, surplus: believed.size - (names.length - lacking.length), wanted };
}

const certificatesOf = (bundle: string): string[] =>
  (bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu) ?? []).map(bare);

/** Without line ends, which Vault and people write otherwise. */
const bare = (pem: string): string => pem.replaceAll(/\s/gu, '');
