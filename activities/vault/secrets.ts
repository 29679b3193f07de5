import { z } from 'zod';
import { CkeError } from '../../cluster/errors.ts';
import { notInitialised } from './authority.ts';
import type { VaultClient } from './client.ts';
import { readValue } from './kv.ts';
import { bucketSecretPath, secretPath, secretsMount } from './paths.ts';
import type { SecretName } from './paths.ts';

export interface SecretCall {
  client: VaultClient;
  token: string;
  cluster: string;
}

/** Private keys in PEM or OpenSSH form by node address; `default` is for all others. */
export const sshSecret = z.record(z.string(), z.string());

const pair = z.object({ public_key: z.string(), private_key: z.string() });

/** PEM; the same on all control planes: the first pair, and those that a rotation has added, by name. */
export const serviceAccountSecret = pair.extend({ others: z.record(z.string(), pair).optional() });

/** What the first pair is called when a rotation speaks of it. */
export const firstTokenKey = 'key-1';

/** The keys for encryption at rest that a cluster began with, the one that encrypts first. Later ones are entries of their own. */
export const encryptionSecret = z.object({
  provider: z.enum(['secretbox', 'aescbc']),
  /** `secret` is base64 of 32 bytes. */
  keys: z.array(z.object({ name: z.string(), secret: z.base64().refine(is32Bytes) })).min(1),
});

function is32Bytes(text: string): boolean {
  return Buffer.from(text, 'base64').length === 32;
}

/** `signing_key` for all webhooks, and the addresses of those that name an entry. */
export const notificationSecret = z.record(z.string(), z.string());

/** `USERNAME:PASSWORD` by the entry's name, as `docker login` would have them joined. */
export const registriesSecret = z.record(z.string(), z.string());

/** A secret's latest version and its number; undefined when it was never written or is deleted. */
export async function readSecret<T>(
  { client, token, cluster }: SecretCall,
  { name, shape }: { name: SecretName; shape: z.ZodType<T> },
): Promise<{ value: T; version: number } | undefined> {
  return readValue({ client, token, path: secretPath(cluster, name), shape });
}

/** @throws CkeError NotInitialised when it was never written */
export async function demandSecret<T>(call: SecretCall, wanted: { name: SecretName; shape: z.ZodType<T> }): Promise<T> {
  const found = await readSecret(call, wanted);
  if (found === undefined) throw notInitialised(call.cluster, `the secret ${wanted.name} is not there`);
  return found.value;
}

/** The key for a node's SSH login. Throws CkeError NotInitialised when there is none for the address and no default. */
export async function readSshPrivateKey(call: SecretCall, address: string): Promise<string> {
  const keys = await demandSecret(call, { name: 'ssh', shape: sshSecret });
  const key = keys[address] ?? keys['default'];
  if (key === undefined) throw notInitialised(call.cluster, `there is no SSH key for ${address}, and no default`);
  return key;
}

/** Empty when nothing was stored: webhooks are then not signed. */
export async function readNotificationSecrets(call: SecretCall): Promise<Record<string, string>> {
  return (await readSecret(call, { name: 'notifications', shape: notificationSecret }))?.value ?? {};
}

/** Throws CkeError RegistryRefused when the entry is not there or has another form. */
export async function readRegistryLogin(
  call: SecretCall,
  entry: string,
): Promise<{ username: string; password: string }> {
  const logins = (await readSecret(call, { name: 'registries', shape: registriesSecret }))?.value ?? {};
  const text = logins[entry]?.replace(/\r?\n$/, '');
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 1)
    throw noLogin(call.cluster, entry, text === undefined ? 'missing' : 'unreadable');
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function noLogin(cluster: string, entry: string, state: 'missing' | 'unreadable'): CkeError {
  return new CkeError({
    code: 'RegistryRefused',
    message: `the login ${entry} of private_registries can't be used`,
    got: state === 'missing' ? 'no such entry in the secret registries' : 'an entry of another form',
    want: 'USERNAME:PASSWORD',
    fix: `vault kv patch -mount=${secretsMount(cluster)} registries ${entry}=@FILE (the first entry of all: vault kv put)`,
    remedy: 'never',
  });
}

/** The pairs of these names, the first alone unless told. Throws CkeError NotInitialised when one is not there. */
export async function readServiceAccountKeys(
  call: SecretCall,
  names: readonly string[] = [firstTokenKey],
): Promise<{ publicKey: string; privateKey: string }[]> {
  const { others = {}, ...first } = await demandSecret(call, { name: 'service-account', shape: serviceAccountSecret });
  return names.map((name) => {
    const found = others[name] ?? (name === firstTokenKey ? first : undefined);
    if (found === undefined) throw notInitialised(call.cluster, `the secret service-account has no pair ${name}`);
    return { publicKey: found.public_key, privateKey: found.private_key };
  });
}

/** What opens a bucket. In memory only. */
export interface BucketCredentials {
  accessKeyId: string;
  secretAccessKey: string;
}

const bucketSecret = z.object({ access_key_id: z.string().min(1), secret_access_key: z.string().min(1) });

/** What opens a bucket for backups. Throws CkeError NotInitialised when nobody has stored it. */
export async function readBucketSecret(
  { client, token, cluster }: SecretCall,
  entry: string,
): Promise<BucketCredentials> {
  const found = await readValue({ client, token, path: bucketSecretPath(cluster, entry), shape: bucketSecret });
  if (found !== undefined)
    return { accessKeyId: found.value.access_key_id, secretAccessKey: found.value.secret_access_key };
  throw new CkeError({
    code: 'NotInitialised',
    message: `${cluster}: Vault has no credentials ${entry} for the bucket of backups`,
    fix: `vault kv put -mount=${secretsMount(cluster)} backups/${entry} access_key_id=… secret_access_key=…`,
    remedy: 'retry',
  });
}
