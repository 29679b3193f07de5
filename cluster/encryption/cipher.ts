import { hasText, kmsVersionsOf } from './kms-value.ts';

/** How a cluster's Secrets can be kept in etcd; `none` leaves them in clear. */
export const encryptionProviders = ['secretbox', 'aescbc', 'kms', 'none'] as const;

export type EncryptionProvider = (typeof encryptionProviders)[number];

export type KeyedProvider = Exclude<EncryptionProvider, 'none'>;

/** Providers whose key is given to the API servers. */
export type LocalProvider = Exclude<KeyedProvider, 'kms'>;

/**
 * One way in which an API server writes or reads Secrets: a provider with the name of a key in Vault, or in clear. It names the
 * key and does not contain it: it stands in labels, records and payloads. With `kms` records name a version of the transit key (`kms v3`);
 * API servers are told the plugin (`kms vault`), and learn of the version from it.
 */
export type Cipher = 'identity' | `${KeyedProvider} ${string}`;

export type SplitCipher = { provider: 'identity' } | { provider: KeyedProvider; key: string };

export function splitCipher(cipher: Cipher): SplitCipher {
  if (cipher === 'identity') return { provider: 'identity' };
  const space = cipher.indexOf(' ');
  return { provider: cipher.slice(0, space) as KeyedProvider, key: cipher.slice(space + 1) };
}

/** The declared name of what a cipher does. */
export function providerOf(cipher: Cipher): EncryptionProvider {
  const { provider } = splitCipher(cipher);
  return provider === 'identity' ? 'none' : provider;
}

export function isCipher(text: string): text is Cipher {
  return text === 'identity' || /^((secretbox|aescbc) \S+|kms v\d+)$/.test(text);
}

/** What API servers call the plugin: it stands in every value that is written through it, whatever its key. */
export const kmsPluginName = 'vault';

/** What an API server is given for it: all versions of the transit key are one provider to it. */
export const kmsServerCipher: Cipher = `kms ${kmsPluginName}`;

export const kmsCipher = (version: number): Cipher => `kms v${version}`;

/** The version of the transit key that a cipher of a record names; undefined for another provider. */
export function kmsVersion(cipher: Cipher): number | undefined {
  const found = /^kms v(\d+)$/.exec(cipher)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** What every encrypted value in etcd begins with. */
const encrypted = 'k8s:enc:';

/** Whether a value in etcd was written with this cipher, a record's. */
export function isWrittenWith(cipher: Cipher, value: Uint8Array): boolean {
  const parts = splitCipher(cipher);
  if (parts.provider === 'identity') return !hasText(value, encrypted);
  if (parts.provider === 'kms') return isOfVersion(cipher, value);
  return hasText(value, `${encrypted}${parts.provider}:v1:${parts.key}:`);
}

/** Both that a value names: with one of them gone it could not be read, or would be taken for an older one for ever. */
function isOfVersion(cipher: Cipher, value: Uint8Array): boolean {
  const found = kmsVersionsOf(value, kmsPluginName);
  const version = kmsVersion(cipher);
  return found !== undefined && found.named === version && found.wrappedBy === version;
}

/**
 * Whether a value bears this version's name over a data key that an older one has wrapped: the key was rotated in between. The API server takes
 * it for new, and would not write it anew.
 */
export function isTorn(cipher: Cipher, value: Uint8Array): boolean {
  const found = kmsVersionsOf(value, kmsPluginName);
  return found !== undefined && found.named === kmsVersion(cipher) && found.wrappedBy < found.named;
}
