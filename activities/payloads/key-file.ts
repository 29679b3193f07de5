import { randomUUID } from 'node:crypto';
import { open, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CkeError } from '../../cluster/errors.ts';

/** Keys by id, 32 bytes in base64 each; `current` is the one to encrypt with. As in Vault, so in the file. */
export const payloadKeys = z
  .object({
    current: z.string().min(1),
    keys: z.record(
      z.string(),
      z.string().refine((text) => Buffer.from(text, 'base64').length === 32),
    ),
  })
  .refine(({ current, keys }) => keys[current] !== undefined);

export type PayloadKeys = z.infer<typeof payloadKeys>;

interface Place {
  /** `credentials_directory` of the settings. */
  directory: string;
  /** The slug of the namespace. */
  namespace: string;
}

/**
 * Beside the secret-ids, which open the same in Vault: reading the one is no more than having the other. A dot in its name keeps it
 * apart from the directories of clusters.
 */
function pathOf({ directory, namespace }: Place): string {
  return join(directory, `payload-keys.${namespace}.json`);
}

/** @throws CkeError SettingsInvalid when others than the owner may read it, or it is damaged */
export async function readKeyFile(place: Place): Promise<PayloadKeys | undefined> {
  const path = pathOf(place);
  try {
    await using file = await open(path, 'r');
    if (((await file.stat()).mode & 0o177) !== 0) throw unusable(path, 'others than its owner may read it', '0600');
    const parsed = payloadKeys.safeParse(JSON.parse(await file.readFile('utf8')));
    if (!parsed.success) throw unusable(path, 'it does not hold the keys of a namespace');
    return parsed.data;
  } catch (error) {
    if (error instanceof CkeError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(path, error instanceof Error && 'code' in error ? String(error.code) : 'it is damaged');
  }
}

/** Whole or not at all, mode 0600. */
export async function writeKeyFile(place: Place, keys: PayloadKeys): Promise<void> {
  const path = pathOf(place);
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, `${JSON.stringify(keys)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(fresh, path);
}

/** Names of the clusters that this machine has credentials for. */
export async function clustersWithCredentials(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

function unusable(path: string, got: string, mode?: string): CkeError {
  return new CkeError({
    code: 'SettingsInvalid',
    message: `${path}: the keys for what goes to Temporal cannot be used`,
    got,
    ...(mode !== undefined && { want: `mode ${mode}` }),
    fix: mode === undefined ? `remove the file, then: VAULT_TOKEN=… cke-client init CLUSTER` : `chmod ${mode} ${path}`,
    remedy: 'never',
  });
}
