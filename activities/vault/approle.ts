import { z } from 'zod';
import { canonicalJson } from '../../cluster/canonical.ts';
import type { AppRoleCredentials } from './credentials.ts';
import type { OperatorCall } from './mounts.ts';
import { identityName } from './paths.ts';
import { clusterPolicy } from './policy.ts';
import { secretIdSeconds } from './secret-id.ts';

const nothing = z.unknown();
const policyAnswer = z.object({ data: z.object({ policy: z.string() }) });
const roleAnswer = z.object({ data: z.record(z.string(), z.unknown()) });
const roleIdAnswer = z.object({ data: z.object({ role_id: z.string() }) });
const secretIdAnswer = z.object({ data: z.object({ secret_id: z.string() }) });

/** Writes the cluster's policy and its AppRole where they are missing or differ. Returns what was changed. */
export async function ensureAppRole({
  client,
  token,
  cluster,
  namespace,
}: OperatorCall & { namespace: string }): Promise<string[]> {
  const name = identityName(cluster);
  const changes: string[] = [];
  const policy = clusterPolicy(cluster, namespace);
  const policyPath = `sys/policies/acl/${name}`;
  if ((await client.read({ path: policyPath, token, shape: policyAnswer }))?.data.policy !== policy) {
    await client.write({ path: policyPath, token, body: { policy }, shape: nothing });
    changes.push(`wrote the policy ${name}`);
  }
  const rolePath = `auth/approle/role/${name}`;
  const role = appRole(name);
  const stored = await client.read({ path: rolePath, token, shape: roleAnswer });
  const seen = Object.fromEntries(Object.keys(role).map((key) => [key, stored?.data[key]]));
  if (canonicalJson(seen) !== canonicalJson(role)) {
    await client.write({ path: rolePath, token, body: role, shape: nothing });
    changes.push(`wrote the AppRole ${name}`);
  }
  return changes;
}

/** Periodic tokens of one hour; the worker exchanges its secret-id long before it ends. */
function appRole(policy: string) {
  return {
    bind_secret_id: true,
    token_policies: [policy],
    token_no_default_policy: true,
    token_period: 3600,
    token_type: 'service',
    secret_id_num_uses: 0,
    secret_id_ttl: secretIdSeconds,
  };
}

export interface AppRoleAccess {
  credentials: AppRoleCredentials;
  /** Whether `credentials` are those that were handed in, still valid, or have a new secret-id. */
  secretId: 'kept' | 'new';
}

/** The credentials for the cluster's AppRole: those that are there if Vault still accepts them, else a new secret-id. */
export async function ensureCredentials(
  { client, token, cluster }: OperatorCall,
  present: AppRoleCredentials | undefined,
): Promise<AppRoleAccess> {
  const rolePath = `auth/approle/role/${identityName(cluster)}`;
  const roleId = (await client.read({ path: `${rolePath}/role-id`, token, shape: roleIdAnswer }))?.data.role_id ?? '';
  if (present?.roleId === roleId) {
    // Vault answers 204 without a body for a secret-id that it does not know.
    const body = { secret_id: present.secretId };
    const found = await client.write({ path: `${rolePath}/secret-id/lookup`, token, body, shape: nothing });
    if (roleAnswer.safeParse(found).success) return { credentials: present, secretId: 'kept' };
  }
  const answer = await client.write({ path: `${rolePath}/secret-id`, token, body: {}, shape: secretIdAnswer });
  return { credentials: { roleId, secretId: answer.data.secret_id }, secretId: 'new' };
}
