import type { Declaration } from '../../cluster/declaration/declaration.ts';
import {
  kmsCipher,
  providerOf,
  splitCipher,
  type Cipher,
  type LocalProvider,
} from '../../cluster/encryption/cipher.ts';
import type { EncryptionRecord } from '../../cluster/encryption/key-change.ts';
import type { Store } from '../store/store.ts';
import type { Stored } from '../store/value.ts';
import type { Vault } from '../vault/vault.ts';

export interface RecordPorts {
  store: Pick<Store, 'encryption'>;
  vault: Pick<Vault, 'firstCiphers' | 'transitKey'>;
}

/** Records with what a new cluster encrypts its Secrets, before its first process, unless that is on record. */
export async function recordEncryption({ store, vault }: RecordPorts, declaration: Declaration): Promise<void> {
  const { name: cluster, secrets_encryption } = declaration;
  if ((await store.encryption.get(cluster)) !== undefined) return;
  const provider = secrets_encryption?.provider;
  const settled =
    provider === 'kms'
      ? [kmsCipher((await vault.transitKey({ cluster })).latest)]
      : await ownKeys(vault, cluster, provider);
  await store.encryption.put(cluster, firstRecord(settled), { version: '0' });
}

async function ownKeys(
  vault: RecordPorts['vault'],
  cluster: string,
  provider: LocalProvider | 'none' | undefined,
): Promise<Cipher[]> {
  const first = await vault.firstCiphers({ cluster });
  const fits = first.filter((cipher) => provider === undefined || providerOf(cipher) === provider);
  return fits.length > 0 ? fits : first.slice(0, 1).map((cipher) => asDeclared(cipher, provider));
}

/** A key of init that was never used serves any provider. */
function asDeclared(cipher: Cipher, provider: LocalProvider | 'none' = 'none'): Cipher {
  const parts = splitCipher(cipher);
  return provider === 'none' || parts.provider === 'identity' ? 'identity' : `${provider} ${parts.key}`;
}

/** The record of a cluster that has one, or that was born without: it writes with what Vault has held from the beginning. */
export async function recordOf({ store, vault }: RecordPorts, cluster: string): Promise<Stored<EncryptionRecord>> {
  const found = await store.encryption.get(cluster);
  if (found !== undefined) return found;
  const first = await vault.firstCiphers({ cluster });
  return store.encryption.put(cluster, firstRecord(first), { version: '0' });
}

/** Numbers go on behind those of the keys there are; keys of CKE are named after times. */
function firstRecord(settled: Cipher[]): EncryptionRecord {
  const numbers = settled.map((cipher) => Number(/ key-(\d{1,6})$/.exec(cipher)?.[1] ?? 0));
  return { generation: Math.max(1, ...numbers), settled };
}
