import { z } from 'zod';
import { CkeError } from '../../cluster/errors.ts';
import type { VaultClient } from './client.ts';
import type { AppRoleCredentials } from './credentials.ts';
import { identityName } from './paths.ts';

/** A secret-id lasts 90 days; in its last third the worker exchanges it. */
export const secretIdSeconds = 90 * 86_400;

export interface RenewSecretId {
  client: VaultClient;
  /** Of the cluster's own AppRole: no operator is needed. */
  token: string;
  cluster: string;
  credentials: AppRoleCredentials;
  /** Keeps the new pair where the next login finds it. */
  save: (credentials: AppRoleCredentials) => Promise<void>;
  /**
   * `due`: only when less than a third of its life is left, and the old one goes on until it expires (another machine may share it).
   * `now`: at once, and the old one is destroyed.
   */
  when: 'due' | 'now';
}

const made = z.object({ data: z.object({ secret_id: z.string() }) });
const loggedIn = z.object({ auth: z.object({ client_token: z.string() }) });
const lookedUp = z.object({ data: z.object({ secret_id_ttl: z.number(), expiration_time: z.string() }) });

/**
 * Exchanges the secret-id of a cluster's AppRole: made, tried by a login, kept, and only then the old one is given up. Interrupted
 * anywhere, the pair that is kept is a valid one; one that was made and not kept expires.
 * @throws CkeError Vault…, and VaultDenied for a cluster that an older version prepared
 */
export async function renewSecretId(asked: RenewSecretId): Promise<'kept' | 'renewed'> {
  const { client, token, cluster, credentials, save, when } = asked;
  const role = `auth/approle/role/${identityName(cluster)}`;
  const old = { secret_id: credentials.secretId };
  if (when === 'due' && !(await isDue(asked, `${role}/secret-id/lookup`))) return 'kept';
  const fresh = await client.write({ path: `${role}/secret-id`, token, body: {}, shape: made });
  const pair = { roleId: credentials.roleId, secretId: fresh.data.secret_id };
  const login = { role_id: pair.roleId, secret_id: pair.secretId };
  await client.write({ path: 'auth/approle/login', body: login, shape: loggedIn });
  await save(pair);
  if (when === 'now') await client.write({ path: `${role}/secret-id/destroy`, token, body: old, shape: z.unknown() });
  return 'renewed';
}

async function isDue({ client, token, credentials }: RenewSecretId, path: string): Promise<boolean> {
  const body = { secret_id: credentials.secretId };
  const found = lookedUp.safeParse(await client.write({ path, token, body, shape: z.unknown() }));
  return !found.success || endsSoon(found.data.data, Date.now());
}

/** Pure. One without an end is due, too: it was made by an older version. */
export function endsSoon(
  { secret_id_ttl: seconds, expiration_time: end }: z.infer<typeof lookedUp>['data'],
  now: number,
): boolean {
  return seconds === 0 || Date.parse(end) - now < (seconds * 1000) / 3;
}

/** For a client that has no place to keep credentials in. */
export function nowhereToSave(): Promise<never> {
  const message = 'the secret-id cannot be exchanged here: there is no place to keep it';
  throw new CkeError({ code: 'InvalidRequest', message, remedy: 'never' });
}
