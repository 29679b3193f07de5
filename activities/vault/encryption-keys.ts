import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { z } from 'zod';
import { kmsEndpoint } from '../../cluster/components/vault-kms.ts';
import { splitCipher, type Cipher, type LocalProvider } from '../../cluster/encryption/cipher.ts';
import { CkeError } from '../../cluster/errors.ts';
import { encryptionKeyPath } from './paths.ts';
import { demandSecret, encryptionSecret, type SecretCall } from './secrets.ts';

/** Base64 of 32 bytes: what secretbox and aescbc want. */
const keySchema = z.object({ secret: z.string().min(1) });
/** How long an API server waits for the plugin, which asks Vault. */
const kmsTimeout = '10s';

const storedKey = z.object({ data: z.object({ data: keySchema }) });

/** The ciphers that a cluster began with, by names: those of init, or of an import. */
export async function readFirstCiphers(call: SecretCall): Promise<`${LocalProvider} ${string}`[]> {
  const { provider, keys } = await demandSecret(call, { name: 'encryption', shape: encryptionSecret });
  return keys.map(({ name }) => `${provider} ${name}` as const);
}

/**
 * Makes the key of this name unless there is one. Our policy lets us create keys, and neither change nor delete them: old snapshots
 * need the old ones.
 * @throws CkeError VaultDenied, VaultSealed and others
 */
export async function ensureEncryptionKey(call: SecretCall, name: string): Promise<void> {
  if ((await readKey(call, name)) !== undefined) return;
  const { client, token, cluster } = call;
  const body = { options: { cas: 0 }, data: { secret: randomBytes(32).toString('base64') } };
  try {
    await client.write({ path: encryptionKeyPath(cluster, name), token, body, shape: z.unknown() });
  } catch (error) {
    // A twin of ours was quicker: its key counts.
    if ((await readKey(call, name)) === undefined) throw error;
  }
}

async function readKey({ client, token, cluster }: SecretCall, name: string): Promise<string | undefined> {
  const stored = await client.read({ path: encryptionKeyPath(cluster, name), token, shape: storedKey });
  return stored?.data.data.secret;
}

/**
 * YAML of a Kubernetes EncryptionConfiguration for Secrets: the ciphers in their order, or the keys that the cluster began with and then
 * `identity`.
 */
export async function readEncryptionConfiguration(call: SecretCall, ciphers?: readonly Cipher[]): Promise<string> {
  const first = await demandSecret(call, { name: 'encryption', shape: encryptionSecret });
  const providers: Record<string, unknown>[] = [];
  const add = (provider: LocalProvider, name: string, secret: string) => {
    const last = providers.at(-1)?.[provider] as { keys: unknown[] } | undefined;
    if (last === undefined) providers.push({ [provider]: { keys: [{ name, secret }] } });
    else last.keys.push({ name, secret });
  };
  for (const cipher of ciphers ?? [
    ...first.keys.map(({ name }) => `${first.provider} ${name}` as Cipher),
    'identity',
  ]) {
    const parts = splitCipher(cipher);
    if (parts.provider === 'identity') providers.push({ identity: {} });
    else if (parts.provider === 'kms') providers.push({ kms: kmsProvider(parts.key) });
    else {
      const known = first.keys.find(({ name }) => name === parts.key)?.secret;
      add(parts.provider, parts.key, known ?? (await readKey(call, parts.key)) ?? lost(call.cluster, parts.key));
    }
  }
  return stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [{ resources: ['secrets'], providers }],
  });
}

/** The plugin is asked when an API server starts, for a data key that it does not know, and once a minute: not for each Secret. */
function kmsProvider(name: string) {
  return { apiVersion: 'v2', name, endpoint: kmsEndpoint, timeout: kmsTimeout };
}

/** Without it the Secrets that were written with it can't be read: nothing is made up in its place. */
function lost(cluster: string, name: string): never {
  throw new CkeError({
    code: 'NotInitialised',
    message: `${cluster}: Vault does not hold the encryption key ${name}`,
    want: `${encryptionKeyPath(cluster, name)}, which Secrets in etcd need`,
    fix: `vault kv metadata get -mount=cke/${cluster}/secrets encryption-keys/${name}, then restore it from a version or from a backup of Vault`,
    remedy: 'retry',
  });
}
