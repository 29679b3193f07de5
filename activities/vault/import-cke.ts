import { createPrivateKey, createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { authorities } from '../../cluster/certificates/certificate.ts';
import { canonicalJson } from '../../cluster/canonical.ts';
import { CkeError } from '../../cluster/errors.ts';
import { updateSecret } from './first-secrets.ts';
import { adoptAuthority, authoritiesToMove, moveAuthority } from './import-authorities.ts';
import { ensureKeyValueMount, presentMounts, type OperatorCall } from './mounts.ts';
import { secretsMount } from './paths.ts';
import { encryptionSecret, serviceAccountSecret, sshSecret } from './secrets.ts';

/** Where CKE keeps `ssh` and `k8s`: a key-value store of version 1. */
const ckeSecrets = 'cke/secrets';

/** What CKE logs in with: it reaches everything below `cke/`, and so every cluster of ours. */
const ckeIdentity = 'cke';

const texts = z.object({ data: z.record(z.string(), z.string()) });

export interface CkeImport {
  /** PEM of the key that CKE signs service-account tokens with: it lies in CKE's etcd, not in Vault. */
  serviceAccountKey: string;
}

/**
 * Takes over what CKE has in this Vault, so that certificates, tokens and Secrets of its cluster stay valid: the keys for Secrets and SSH
 * and the signer of tokens are copied, CAs are moved with their keys, CKE's own access ends. May be repeated where it was interrupted.
 * @throws CkeError InvalidRequest when it is no such Vault or the cluster has keys or CAs of its own: then nothing was changed
 */
export async function importFromCke(call: OperatorCall, { serviceAccountKey }: CkeImport): Promise<string[]> {
  const pair = pairOf(serviceAccountKey);
  const toMove = await authoritiesToMove(call);
  const [encryption, ssh] = [await encryptionKeysOfCke(call), await sshKeysOfCke(call)];
  const present = await presentMounts(call);
  const changes = await ensureKeyValueMount(call, { mount: secretsMount(call.cluster), present });
  changes.push(
    ...(await keep(call, { name: 'encryption', shape: encryptionSecret, value: encryption })),
    ...(await keep(call, { name: 'service-account', shape: serviceAccountSecret, value: pair })),
    ...(await addSshKeys(call, ssh)),
  );
  for (const authority of toMove) {
    await moveAuthority(call, authority);
    changes.push(`moved the ${authority} CA of CKE, with its key`);
  }
  for (const authority of authorities) await adoptAuthority(call, authority);
  return [...changes, ...(await withdrawCke(call))];
}

async function encryptionKeysOfCke({ client, token }: OperatorCall): Promise<z.infer<typeof encryptionSecret>> {
  const stored = await client.read({ path: `${ckeSecrets}/k8s`, token, shape: texts });
  const keys = encryptionSecret.shape.keys.safeParse(parsed(stored?.data['aescbc'] ?? ''));
  if (keys.success) return { provider: 'aescbc', keys: keys.data };
  throw refused({
    message: `${ckeSecrets}/k8s has no keys for encryption at rest that can be used`,
    want: 'an entry aescbc: a JSON list of names with 32 bytes in base64 each',
    fix: "see that it is CKE's Vault",
  });
}

/** CKE's empty address is our `default`: the key for all that have none of their own. */
async function sshKeysOfCke({ client, token }: OperatorCall): Promise<Record<string, string>> {
  const stored = await client.read({ path: `${ckeSecrets}/ssh`, token, shape: texts });
  const entries = Object.entries(stored?.data ?? {});
  return Object.fromEntries(entries.map(([address, key]) => [address === '' ? 'default' : address, key]));
}

async function addSshKeys(call: OperatorCall, keys: Record<string, string>): Promise<string[]> {
  if (Object.keys(keys).length === 0) return [];
  const next = async (present: Record<string, string> = {}) => ({ ...keys, ...present });
  const done = await updateSecret(call, { name: 'ssh', shape: sshSecret, next });
  return done === 'written' ? [`copied CKE's SSH keys for ${Object.keys(keys).join(', ')}`] : [];
}

interface Kept<T extends Record<string, unknown>> {
  name: 'encryption' | 'service-account';
  shape: z.ZodType<T>;
  value: T;
}

/** Stores a value where there is none: another one may be in use. */
async function keep<T extends Record<string, unknown>>(
  call: OperatorCall,
  { name, shape, value }: Kept<T>,
): Promise<string[]> {
  const next = async (present: T | undefined) => {
    if (present === undefined || canonicalJson(present) === canonicalJson(value)) return value;
    throw refused({
      message: `${call.cluster} has another secret ${name} already`,
      fix: 'import before the first cke-client init of that name',
    });
  };
  const done = await updateSecret(call, { name, shape, next });
  return done === 'written' ? [`copied CKE's secret ${name}`] : [];
}

/** From now on only what this program logs in with reaches the cluster's CAs and secrets. */
async function withdrawCke({ client, token }: OperatorCall): Promise<string[]> {
  const paths = [`auth/approle/role/${ckeIdentity}`, `sys/policies/acl/${ckeIdentity}`];
  const changes: string[] = [];
  for (const path of paths) {
    if ((await client.read({ path, token, shape: z.unknown() })) === undefined) continue;
    await client.remove({ path, token });
    changes.push(`removed CKE's access: ${path}`);
  }
  return changes;
}

function pairOf(pem: string): z.infer<typeof serviceAccountSecret> {
  try {
    const key = createPrivateKey(pem);
    return {
      public_key: String(createPublicKey(key).export({ type: 'spki', format: 'pem' })),
      private_key: String(key.export({ type: 'pkcs8', format: 'pem' })),
    };
  } catch {
    throw refused({
      message: 'what is given as the key that signs service-account tokens is no private key',
      fix: 'etcdctl get --print-value-only /cke/service-account/key, at the etcd of CKE, shows it',
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(complaint: { message: string; want?: string; fix: string }): CkeError {
  return new CkeError({ code: 'InvalidRequest', ...complaint, remedy: 'never' });
}
