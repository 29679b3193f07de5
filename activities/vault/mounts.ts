import { z } from 'zod';
import { authorities } from '../../cluster/certificates/certificate.ts';
import type { Authority } from '../../cluster/certificates/certificate.ts';
import { listIssuers } from './authority.ts';
import type { VaultClient } from './client.ts';
import { authorityMount, payloadsMount, secretsMount } from './paths.ts';
import { backdatingSeconds } from './roles.ts';

/** A call with the operator's token. */
export interface OperatorCall {
  client: VaultClient;
  token: string;
  cluster: string;
}

/** Root certificates last ten years: an authority is rotated long before. */
const rootLifetime = '87600h';

const engines = z.object({ data: z.record(z.string(), z.object({ type: z.string() })) });
const nothing = z.unknown();

/** Enables the AppRole method, the six PKI mounts with a root of each, and the KV mounts. Returns what was changed. */
export async function ensureMounts(call: OperatorCall): Promise<string[]> {
  const { client, token } = call;
  const methods = await client.read({ path: 'sys/auth', token, shape: engines });
  const present = await presentMounts(call);
  const changes: string[] = [];
  if (methods?.data['approle/'] === undefined) {
    await client.write({ path: 'sys/auth/approle', token, body: { type: 'approle' }, shape: nothing });
    changes.push('enabled the auth method approle');
  }
  for (const authority of authorities) changes.push(...(await ensureAuthority(call, { authority, present })));
  for (const mount of [secretsMount(call.cluster), payloadsMount])
    changes.push(...(await ensureKeyValueMount(call, { mount, present })));
  return changes;
}

/** Paths of the engines that are mounted, each with a slash at its end. */
export async function presentMounts({ client, token }: OperatorCall): Promise<ReadonlySet<string>> {
  const mounts = await client.read({ path: 'sys/mounts', token, shape: engines });
  return new Set(Object.keys(mounts?.data ?? {}));
}

/** A key-value store of version 2 for secrets, unless it is there. */
export async function ensureKeyValueMount(
  { client, token }: OperatorCall,
  { mount, present }: { mount: string; present: ReadonlySet<string> },
): Promise<string[]> {
  if (present.has(`${mount}/`)) return [];
  const body = { type: 'kv', options: { version: '2' }, description: 'cke: keys and other secrets' };
  await client.write({ path: `sys/mounts/${mount}`, token, body, shape: nothing });
  return [`mounted ${mount}`];
}

/** A PKI mount with a root of its own. Returns what was changed. */
export async function ensureAuthority(
  call: OperatorCall,
  { authority, present }: { authority: Authority; present: ReadonlySet<string> },
): Promise<string[]> {
  const { client, token, cluster } = call;
  const mount = authorityMount(cluster, authority);
  const changes: string[] = [];
  if (!present.has(`${mount}/`)) {
    const config = { max_lease_ttl: rootLifetime, default_lease_ttl: '720h' };
    const body = { type: 'pki', config, description: `cke: ${authority} CA of ${cluster}` };
    await client.write({ path: `sys/mounts/${mount}`, token, body, shape: nothing });
    changes.push(`mounted ${mount}`);
  }
  if ((await listIssuers({ ...call, authority })).length === 0) {
    await generateRoot(call, { mount, authority });
    changes.push(`generated the root of ${mount}`);
  }
  return changes;
}

/** The key is born inside Vault and never leaves it (rule C-07). The issuer's name is unique: a second init cannot add a second root. */
async function generateRoot(
  { client, token, cluster }: OperatorCall,
  { mount, authority }: { mount: string; authority: Authority },
): Promise<void> {
  const body = { ...rootParameters(`${cluster} ${authority} CA`), issuer_name: 'root-1', key_name: 'root-1' };
  await client.write({ path: `${mount}/root/generate/internal`, token, body, shape: nothing });
}

/** What a root of ours is like: EC P-256, ten years. Each has a subject of its own, so that verifiers need not guess. */
export function rootParameters(commonName: string) {
  return {
    common_name: commonName,
    key_type: 'ec',
    key_bits: 256,
    ttl: rootLifetime,
    not_before_duration: `${backdatingSeconds}s`,
    exclude_cn_from_sans: true,
  };
}
