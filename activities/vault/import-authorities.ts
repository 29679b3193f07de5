import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { authorities, type Authority } from '../../cluster/certificates/certificate.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { OperatorCall } from './mounts.ts';
import { authorityMount } from './paths.ts';

const engines = z.object({ data: z.record(z.string(), z.object({ type: z.string() })) });
const listed = z.object({ data: z.object({ keys: z.array(z.string()) }) });
const named = z.object({ data: z.object({ issuer_id: z.string(), issuer_name: z.string(), key_id: z.string() }) });
const migration = z.object({ data: z.object({ migration_id: z.string() }) });
const migrated = z.object({ data: z.object({ migration_info: z.object({ status: z.string() }) }) });
const nothing = z.unknown();

/** A move of a mount ends within seconds. */
const patienceSeconds = 60;

/** What a CA that was moved is called from then on, with its key: as the first one of any other cluster. */
const issuerName = 'root-1';

const ckeMount = (authority: Authority): string => `cke/ca-${authority}`;

/**
 * The authorities that are still where CKE has them.
 * @throws CkeError InvalidRequest when one is nowhere, or the cluster has one of its own beside that of CKE
 */
export async function authoritiesToMove({ client, token, cluster }: OperatorCall): Promise<Authority[]> {
  const mounts = (await client.read({ path: 'sys/mounts', token, shape: engines }))?.data ?? {};
  const isThere = (mount: string) => mounts[`${mount}/`]?.type === 'pki';
  const open = authorities.filter((authority) => isThere(ckeMount(authority)));
  const own = authorities.filter((authority) => isThere(authorityMount(cluster, authority)));
  const nowhere = authorities.filter((authority) => !open.includes(authority) && !own.includes(authority));
  if (nowhere.length > 0)
    throw refused(`Vault has no CA at ${nowhere.map(ckeMount).join(', ')}`, `see that it is CKE's`);
  const doubled = open.filter((authority) => own.includes(authority));
  if (doubled.length === 0) return open;
  throw refused(
    `${cluster} has CAs of its own: ${doubled.join(', ')}`,
    'import before the first cke-client init of that name',
  );
}

/** Moves one with its keys, which never leave Vault; then its keys are signed with there only. */
export async function moveAuthority(call: OperatorCall, authority: Authority): Promise<void> {
  const { client, token, cluster } = call;
  const body = { from: ckeMount(authority), to: authorityMount(cluster, authority) };
  const { data } = await client.write({ path: 'sys/remount', token, body, shape: migration });
  for (let second = 0; second < patienceSeconds; second += 1) {
    const path = `sys/remount/status/${data.migration_id}`;
    const status = (await client.read({ path, token, shape: migrated }))?.data.migration_info.status;
    if (status === 'success') return;
    if (status === 'failure')
      throw stuck(body, 'Vault says that it failed', 'see the log of Vault, and repeat the command');
    await sleep(1_000);
  }
  throw stuck(body, `not moved within ${patienceSeconds} s`, 'repeat the command');
}

/**
 * Takes CKE's roles away, which let anybody who may issue have a certificate for any name, and names the CA and its key as ours are. One
 * with a name is ours already.
 */
export async function adoptAuthority({ client, token, cluster }: OperatorCall, authority: Authority): Promise<void> {
  const mount = authorityMount(cluster, authority);
  const issuer = (await client.read({ path: `${mount}/issuer/default`, token, shape: named }))?.data;
  if (issuer === undefined) throw refused(`${mount} has no CA`, "see that it is CKE's Vault");
  if (issuer.issuer_name !== '') return;
  const roles = await client.list({ path: `${mount}/roles`, token, shape: listed });
  for (const role of roles?.data.keys ?? []) await client.remove({ path: `${mount}/roles/${role}`, token });
  await client.write({ path: `${mount}/key/${issuer.key_id}`, token, body: { key_name: issuerName }, shape: nothing });
  const body = { issuer_name: issuerName };
  await client.write({ path: `${mount}/issuer/${issuer.issuer_id}`, token, body, shape: nothing });
}

function refused(message: string, fix: string): CkeError {
  return new CkeError({ code: 'InvalidRequest', message, fix, remedy: 'never' });
}

function stuck({ from, to }: { from: string; to: string }, got: string, fix: string): CkeError {
  return new CkeError({
    code: 'VaultFailed',
    message: `Vault did not move ${from} to ${to}`,
    got,
    fix,
    remedy: 'retry',
  });
}
