import { z } from 'zod';
import { canonicalJson } from '../../cluster/canonical.ts';
import { kmsUser } from '../../cluster/certificates/catalogue.ts';
import { pluginAuthority } from '../../cluster/certificates/certificate.ts';
import { transitKeyName } from '../../cluster/components/vault-kms.ts';
import { readAuthorityBundle } from './authority.ts';
import { ensureAuthority, presentMounts, type OperatorCall } from './mounts.ts';
import { kmsLoginMount, kmsLoginRolePath, kmsPolicyName, transitKeyPath, transitMount } from './paths.ts';
import { ruleText } from './policy.ts';

const anything = z.unknown();
const methods = z.object({ data: z.record(z.string(), z.unknown()) });
const stored = z.object({ data: z.record(z.string(), z.unknown()) });

/**
 * Prepares Vault for the provider `kms`, with an operator's token; may be repeated: the transit key, a CA of the plugin's own, and a login by a
 * certificate of that CA, from the networks `from` only. The worker has that certificate issued, and so could log in with it: that it can't
 * from elsewhere is what `from` is for: of the login it may change nothing but which CAs are believed. Returns what was done.
 */
export async function ensureKmsAccess(call: OperatorCall, from: readonly string[]): Promise<string[]> {
  return [
    ...(await ensureTransitKey(call)),
    ...(await ensureAuthority(call, { authority: pluginAuthority, present: await presentMounts(call) })),
    ...(await ensureLogin(call, from)),
  ];
}

async function ensureTransitKey(call: OperatorCall): Promise<string[]> {
  const { client, token, cluster } = call;
  const mount = transitMount(cluster);
  const changes: string[] = [];
  if (!(await presentMounts(call)).has(`${mount}/`)) {
    const body = { type: 'transit', description: `cke: wraps the data keys of ${cluster}` };
    await client.write({ path: `sys/mounts/${mount}`, token, body, shape: anything });
    changes.push(`mounted ${mount}`);
  }
  const path = transitKeyPath(cluster);
  if ((await client.read({ path, token, shape: stored })) === undefined) {
    await client.write({ path, token, body: { type: 'aes256-gcm96' }, shape: anything });
    changes.push('made the transit key of Secrets');
  }
  return changes;
}

async function ensureLogin(call: OperatorCall, from: readonly string[]): Promise<string[]> {
  const { client, token, cluster } = call;
  const mount = kmsLoginMount(cluster);
  const changes: string[] = [];
  const present = await client.read({ path: 'sys/auth', token, shape: methods });
  if (present?.data[`${mount}/`] === undefined) {
    const body = { type: 'cert', description: `cke: vault-kms of ${cluster}` };
    await client.write({ path: `sys/auth/${mount}`, token, body, shape: anything });
    changes.push(`enabled the login ${mount}`);
  }
  const policy = kmsPolicyName(cluster);
  const written = await ensureWritten(call, {
    path: `sys/policies/acl/${policy}`,
    body: { policy: pluginPolicy(cluster) },
    what: `wrote the policy ${policy}`,
  });
  const certificate = await readAuthorityBundle({ ...call, authority: pluginAuthority });
  const role = await ensureWritten(call, {
    path: kmsLoginRolePath(cluster),
    body: {
      certificate: certificate.trim(),
      allowed_common_names: [kmsUser],
      token_policies: [policy],
      token_no_default_policy: true,
      token_period: 3600,
      token_bound_cidrs: from.map((network) => network.replace(/\/(32|128)$/, '')),
    },
    what: `wrote who may log in as vault-kms, from ${from.join(', ')}`,
  });
  return [...changes, ...written, ...role];
}

/** What the plugin may do: wrap and unwrap, see which version is the newest, and keep its token. */
function pluginPolicy(cluster: string): string {
  const mount = transitMount(cluster);
  return [
    { path: `${mount}/encrypt/${transitKeyName}`, capabilities: ['update'] },
    { path: `${mount}/decrypt/${transitKeyName}`, capabilities: ['update'] },
    { path: transitKeyPath(cluster), capabilities: ['read'] },
    { path: 'auth/token/lookup-self', capabilities: ['read'] },
    { path: 'auth/token/renew-self', capabilities: ['update'] },
  ]
    .map(ruleText)
    .join('');
}

interface Wanted {
  path: string;
  body: Record<string, unknown>;
  what: string;
}

/** Writes what differs from what is there. */
async function ensureWritten({ client, token }: OperatorCall, { path, body, what }: Wanted): Promise<string[]> {
  const present = await client.read({ path, token, shape: stored });
  const seen = Object.fromEntries(Object.keys(body).map((key) => [key, comparable(present?.data[key])]));
  const wanted = Object.fromEntries(Object.entries(body).map(([key, value]) => [key, comparable(value)]));
  if (canonicalJson(seen) === canonicalJson(wanted)) return [];
  await client.write({ path, token, body, shape: anything });
  return [what];
}

function comparable(value: unknown): unknown {
  if (typeof value === 'string') return value.trim();
  return Array.isArray(value) ? value.map(String).toSorted() : (value ?? []);
}
