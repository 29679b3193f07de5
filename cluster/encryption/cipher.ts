/** How a cluster's Secrets can be kept in etcd; `none` leaves them in clear. */
export const encryptionProviders = ['secretbox', 'aescbc', 'none'] as const;

export type EncryptionProvider = (typeof encryptionProviders)[number];

/** Providers whose key is given to the API servers. */
export type KeyedProvider = Exclude<EncryptionProvider, 'none'>;

/**
 * One way in which an API server writes or reads Secrets: a provider with the name of a key in Vault, or in clear. It names the
 * key and does not contain it: it stands in labels, records and payloads.
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
  return text === 'identity' || /^(secretbox|aescbc) \S+$/.test(text);
}

/** What every encrypted value in etcd begins with. */
const encrypted = 'k8s:enc:';

/** No value's prefix is longer: a provider's name, and a key's. */
export const longestPrefix = 400;

/** Whether a value in etcd, given by its first `longestPrefix` characters, was written with this cipher. */
export function isWrittenWith(cipher: Cipher, start: string): boolean {
  const parts = splitCipher(cipher);
  if (parts.provider === 'identity') return !start.startsWith(encrypted);
  return start.startsWith(`${encrypted}${parts.provider}:v1:${parts.key}:`);
}
