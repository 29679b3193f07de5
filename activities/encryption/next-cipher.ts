import { kmsCipher, kmsVersion, providerOf, type Cipher } from '../../cluster/encryption/cipher.ts';
import { writingCipher, type EncryptionRecord } from '../../cluster/encryption/key-change.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import type { Vault } from '../vault/vault.ts';

interface NextInput {
  declaration: Declaration;
  record: EncryptionRecord;
  vault: Pick<Vault, 'ensureEncryptionKey' | 'ensureTransitVersionAfter' | 'transitKey'>;
}

/**
 * With what Secrets are to be written next, its key made in Vault, and the number of the last key that was named: the declared provider, or the
 * one in force. A key that an earlier attempt has made is taken up.
 */
export async function nextCipher(input: NextInput): Promise<Pick<EncryptionRecord, 'generation'> & { to: Cipher }> {
  const { declaration, record, vault } = input;
  const { name: cluster } = declaration;
  const { generation } = record;
  const provider = declaration.secrets_encryption?.provider ?? providerOf(writingCipher(record));
  if (provider === 'none') return { generation, to: 'identity' };
  if (provider === 'kms') return { generation, to: kmsCipher(await nextVersion(input)) };
  const key = `key-${generation + 1}`;
  await vault.ensureEncryptionKey({ cluster, key });
  return { generation: generation + 1, to: `${provider} ${key}` };
}

/** Secrets of another provider are given the newest version that there is: only those of this one need another. */
async function nextVersion({ declaration: { name: cluster }, record, vault }: NextInput): Promise<number> {
  const present = kmsVersion(writingCipher(record));
  return present === undefined
    ? (await vault.transitKey({ cluster })).latest
    : vault.ensureTransitVersionAfter({ cluster, than: present });
}
