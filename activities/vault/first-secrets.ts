import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { z } from 'zod';
import { demandVersions, updateValue } from './kv.ts';
import { secretPath } from './paths.ts';
import type { SecretName } from './paths.ts';
import { encryptionSecret, serviceAccountSecret, sshSecret } from './secrets.ts';
import type { SecretCall } from './secrets.ts';

type Secret = Record<string, unknown>;

interface Update<T extends Secret> {
  name: SecretName;
  shape: z.ZodType<T>;
  /** The value to have, from the one that is there. */
  next: (present: T | undefined) => Promise<T>;
}

function placeOf({ client, token, cluster }: SecretCall, name: SecretName) {
  return { client, token, path: secretPath(cluster, name) };
}

/** Brings one secret to the value that `next` makes of the present one, by check-and-set. Returns `kept` when it already has it. */
export async function updateSecret<T extends Secret>(call: SecretCall, { name, shape, next }: Update<T>) {
  return (await updateValue({ ...placeOf(call, name), shape, next })).done;
}

/** Generates the pair that signs service-account tokens (RSA 2048) and the first key for encryption at rest, once. */
export async function ensureGeneratedSecrets(call: SecretCall): Promise<string[]> {
  const pair = await updateSecret(call, {
    name: 'service-account',
    shape: serviceAccountSecret,
    next: async (present) => present ?? (await newServiceAccountPair()),
  });
  const encryption = await updateSecret(call, {
    name: 'encryption',
    shape: encryptionSecret,
    next: async (present) => present ?? newEncryptionSecret(),
  });
  for (const name of ['service-account', 'encryption'] as const) await demandVersions(placeOf(call, name));
  return [
    ...(pair === 'written' ? ['generated the key pair of service accounts'] : []),
    ...(encryption === 'written' ? ['generated the first key for encryption at rest'] : []),
  ];
}

/** RSA 2048: what Kubernetes signs tokens with, and every verifier of them understands. */
export async function newServiceAccountPair() {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { public_key: publicKey, private_key: privateKey };
}

function newEncryptionSecret(): z.infer<typeof encryptionSecret> {
  return { provider: 'secretbox', keys: [{ name: 'key-1', secret: randomBytes(32).toString('base64') }] };
}

/** Adds SSH keys, by address or `default`, to those that are stored. */
export async function storeSshKeys(call: SecretCall, keys: Record<string, string>): Promise<string[]> {
  if (Object.keys(keys).length === 0) return [];
  const next = async (present: Record<string, string> = {}) => ({ ...present, ...keys });
  const done = await updateSecret(call, { name: 'ssh', shape: sshSecret, next });
  await demandVersions(placeOf(call, 'ssh'));
  return done === 'written' ? [`stored the SSH private key for ${Object.keys(keys).join(', ')}`] : [];
}
