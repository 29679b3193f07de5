import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDnsLabel } from '../../cluster/declaration/kubernetes-names.ts';
import { CkeError } from '../../cluster/errors.ts';

/** What the worker logs in to Vault with, one pair per cluster. */
export interface AppRoleCredentials {
  roleId: string;
  secretId: string;
}

interface Place {
  /** `credentials_directory` of the settings. */
  directory: string;
  cluster: string;
}

/**
 * Reads `<directory>/<cluster>/role-id` and `secret-id`.
 * @throws CkeError NotInitialised when they are missing, SettingsInvalid when others than the owner may read the secret-id
 */
export async function readAppRoleCredentials({ directory, cluster }: Place): Promise<AppRoleCredentials> {
  const own = clusterDirectory({ directory, cluster });
  return {
    roleId: await readValue({ path: join(own, 'role-id'), cluster, mode: 'any' }),
    secretId: await readValue({ path: join(own, 'secret-id'), cluster, mode: 'owner-only' }),
  };
}

/** Writes both files, each whole or not at all: directory 0700, files 0600. */
export async function writeAppRoleCredentials(
  { directory, cluster }: Place,
  { roleId, secretId }: AppRoleCredentials,
): Promise<void> {
  const own = clusterDirectory({ directory, cluster });
  await mkdir(own, { recursive: true, mode: 0o700 });
  await writeValue(join(own, 'role-id'), roleId);
  await writeValue(join(own, 'secret-id'), secretId);
}

function clusterDirectory({ directory, cluster }: Place): string {
  if (isDnsLabel(cluster)) return join(directory, cluster);
  throw new CkeError({
    code: 'InvalidRequest',
    message: 'a cluster has a name that no directory can be made from',
    got: JSON.stringify(cluster.slice(0, 80)),
    want: 'up to 63 lower-case letters, digits and hyphens',
    remedy: 'never',
  });
}

async function readValue({ path, cluster, mode }: { path: string; cluster: string; mode: 'any' | 'owner-only' }) {
  await using file = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(error, { path, cluster });
  });
  const bits = (await file.stat()).mode & 0o777;
  if (mode === 'owner-only' && (bits & 0o177) !== 0) throw tooOpen(path, bits);
  const value = (await file.readFile('utf8')).trim();
  if (!/^[\x21-\x7e]{8,200}$/.test(value)) throw notInitialised(cluster, `${path} does not hold an id`);
  return value;
}

async function writeValue(path: string, value: string): Promise<void> {
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, `${value}\n`, { mode: 0o600, flag: 'wx' });
  await chmod(fresh, 0o600);
  await rename(fresh, path);
}

function unreadable(error: unknown, { path, cluster }: { path: string; cluster: string }): CkeError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ENOENT') return notInitialised(cluster, `${path} does not exist`);
  return new CkeError({
    code: 'SettingsInvalid',
    message: `${path}: the credentials of ${cluster} cannot be read`,
    got: code,
    fix: 'run this program as the owner of the file',
    remedy: 'never',
  });
}

function notInitialised(cluster: string, got: string): CkeError {
  return new CkeError({
    code: 'NotInitialised',
    message: `cluster ${cluster} has no credentials for Vault on this machine`,
    got,
    fix: `cke-client init ${cluster}`,
    remedy: 'never',
  });
}

function tooOpen(path: string, bits: number): CkeError {
  return new CkeError({
    code: 'SettingsInvalid',
    message: `${path}: others than its owner may read this secret`,
    got: `mode 0${bits.toString(8)}`,
    want: 'mode 0600',
    fix: `chmod 600 ${path}`,
    remedy: 'never',
  });
}
