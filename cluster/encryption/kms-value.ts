import { readFields, type Field } from './protobuf.ts';

/**
 * The version of Vault's transit key that a value in etcd depends on, as `kms vN`; undefined where the plugin did not write it, or it can't be
 * read. A value of KMS v2 is a prefix and an EncryptedObject: the key id stands behind what is encrypted, and beside it the wrapped
 * data key, which says by itself what has wrapped it. The plugin asks for the id after it has wrapped: where the two differ, the older counts.
 */
export function kmsCipherOf(value: Uint8Array, plugin: string): `kms v${number}` | undefined {
  const prefix = `k8s:enc:kms:v2:${plugin}:`;
  if (!hasText(value, prefix)) return undefined;
  const object = readEncryptedObject(value.subarray(prefix.length));
  if (object === undefined) return undefined;
  const named = /^(\d+)$/.exec(object.keyId)?.[1];
  const wrappedBy = /^vault:v(\d+):/.exec(object.wrappedKey)?.[1];
  if (named === undefined || wrappedBy === undefined) return undefined;
  return `kms v${Math.min(Number(named), Number(wrappedBy))}`;
}

/** Whether bytes begin with a text of ASCII. */
export function hasText(bytes: Uint8Array, text: string): boolean {
  return asciiOf(bytes.subarray(0, text.length)) === text;
}

interface EncryptedObject {
  keyId: string;
  /** The data key (or its seed) as Vault has wrapped it. */
  wrappedKey: string;
}

/** Numbers of fields in k8s.io/kms, message EncryptedObject. */
const [keyIdField, wrappedKeyField] = [2, 3];

function readEncryptedObject(bytes: Uint8Array): EncryptedObject | undefined {
  const fields = readFields(bytes);
  const keyId = textOf(fields, keyIdField);
  const wrappedKey = textOf(fields, wrappedKeyField);
  return keyId === undefined || wrappedKey === undefined ? undefined : { keyId, wrappedKey };
}

function textOf(fields: Field[] | undefined, number: number): string | undefined {
  const found = fields?.findLast((field) => field.number === number)?.value;
  return found instanceof Uint8Array ? asciiOf(found) : undefined;
}

const asciiOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
