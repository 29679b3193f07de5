import { z } from 'zod';
import { CkeError } from '../../cluster/errors.ts';
import type { VaultClient } from './client.ts';
import type { AppRoleCredentials } from './credentials.ts';

const session = z.object({ auth: z.object({ client_token: z.string(), lease_duration: z.number().positive() }) });
const renewal = z.object({ auth: z.object({ lease_duration: z.number().positive() }) });

interface Session {
  token: string;
  /** Milliseconds since the epoch. */
  renewAt: number;
  expiresAt: number;
}

export interface LoginOptions {
  client: VaultClient;
  /** Asked for at each login, so that exchanged files take effect without a restart. */
  credentials: (cluster: string) => Promise<AppRoleCredentials>;
  now?: () => number;
}

/** Runs `call` with the cluster's token. Each cluster has a token of its own, which sees that cluster only. */
export type WithToken = <T>(cluster: string, call: (token: string) => Promise<T>) => Promise<T>;

/**
 * AppRole logins, kept in memory and shared by concurrent callers: a token is renewed by the first use after half of its
 * life, replaced after its end, and replaced once when Vault denies a call (it may have been revoked).
 */
export function createLogin({ client, credentials, now = Date.now }: LoginOptions): WithToken {
  const sessions = new Map<string, Promise<Session>>();

  const opened = (cluster: string, opening: Promise<Session>): Promise<Session> => {
    sessions.set(cluster, opening);
    opening.catch(() => {
      if (sessions.get(cluster) === opening) sessions.delete(cluster);
    });
    return opening;
  };

  const login = async (cluster: string): Promise<Session> => {
    const { roleId, secretId } = await credentials(cluster);
    const answer = await client.write({
      path: 'auth/approle/login',
      body: { role_id: roleId, secret_id: secretId },
      shape: session,
      whenRefused: appRoleRefused(cluster),
    });
    return sessionOf(answer.auth.client_token, answer.auth.lease_duration);
  };

  const sessionOf = (token: string, lease: number): Session => ({
    token,
    renewAt: now() + lease * 500,
    expiresAt: now() + lease * 1000 - 5_000,
  });

  const renew = async (cluster: string, { token }: Session): Promise<Session> => {
    try {
      const answer = await client.write({ path: 'auth/token/renew-self', token, body: {}, shape: renewal });
      return sessionOf(token, answer.auth.lease_duration);
    } catch (error) {
      if (!isDenied(error)) throw error;
      return await login(cluster);
    }
  };

  const entryOf = (cluster: string) => sessions.get(cluster) ?? opened(cluster, login(cluster));

  /** The entry that replaces `entry`: another caller may have begun one while this one waited. */
  const successor = (cluster: string, entry: Promise<Session>, open: () => Promise<Session>): Promise<Session> => {
    const latest = sessions.get(cluster);
    return latest === undefined || latest === entry ? opened(cluster, open()) : latest;
  };

  const current = async (cluster: string): Promise<{ entry: Promise<Session> }> => {
    const entry = entryOf(cluster);
    const held = await entry;
    if (now() < held.renewAt) return { entry };
    return {
      entry: successor(cluster, entry, () => (now() < held.expiresAt ? renew(cluster, held) : login(cluster))),
    };
  };

  return async (cluster, call) => {
    const { entry } = await current(cluster);
    const { token } = await entry;
    try {
      return await call(token);
    } catch (error) {
      if (!isDenied(error)) throw error;
    }
    const second = await successor(cluster, entry, () => login(cluster));
    return await call(second.token);
  };
}

function isDenied(error: unknown): boolean {
  return error instanceof CkeError && error.complaint.code === 'VaultDenied';
}

function appRoleRefused(cluster: string) {
  return {
    code: 'VaultDenied',
    message: `Vault refused the AppRole login of cluster ${cluster}`,
    got: 'the role-id or the secret-id is not valid, or the AppRole is gone',
    fix: `cke-client init ${cluster}`,
    remedy: 'never',
  } as const;
}
