import { kmsPluginName, kmsServerCipher } from '../../../cluster/encryption/cipher.ts';
import type { StoredValue } from './truth.ts';

const ascii = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));

/** A field of a protobuf message with a length below 128. */
const field = (number: number, text: string): number[] => [(number << 3) | 2, text.length, ...ascii(text)];

/** The bytes in etcd, as far as anybody looks at them: what wrote them stands at their beginning. */
export function bytesOf(value: StoredValue): Uint8Array {
  switch (value.provider) {
    case 'identity':
      return Uint8Array.from(ascii('k8s\0v1 Secret'));
    case 'kms':
      return Uint8Array.from([
        ...ascii(`k8s:enc:kms:v2:${kmsPluginName}:`),
        ...field(2, String(value.named)),
        ...field(3, `vault:v${value.wrappedBy}:x`),
      ]);
    default:
      return Uint8Array.from(ascii(`k8s:enc:${value.provider}:v1:${value.key}:x`));
  }
}

/** What an API server must have been given to read it. */
export function readerOf(value: StoredValue): string {
  if (value.provider === 'identity') return 'identity';
  return value.provider === 'kms' ? kmsServerCipher : `${value.provider} ${value.key}`;
}

export function sayValue(value: StoredValue): string {
  if (value.provider !== 'kms') return readerOf(value);
  return `kms v${value.named}, wrapped by v${value.wrappedBy}`;
}
