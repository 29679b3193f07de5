import { readFields, type Field } from './protobuf.ts';

/** Versions of Vault's transit key, of which a value in etcd tells two. */
export interface KmsVersions {
  /** By the key's id, which is the newest version right after the data key was wrapped. */
  named: number;
  /** By the wrapped data key itself. */
  wrappedBy: number;
}

/**
 * What a value in etcd says of the key; undefined where the plugin did not write it, or it can't be read. A value of KMS v2 is a prefix and an
 * EncryptedObject: the key's id and the wrapped data key stand behind what is encrypted.
 */
export function kmsVersionsOf(value: Uint8Array, plugin: string): KmsVersions | undefined {
  const prefix = `k8s:enc:kms:v2:${plugin}:`;
  if (!hasText(value, prefix)) return undefined;
  const object = readEncryptedObject(value.subarray(prefix.length));
  const named = /^(\d+)$/.exec(object?.keyId ?? '')?.[1];
  const wrappedBy = /^vault:v(\d+):/.exec(object?.wrappedKey ?? '')?.[1];
  if (named === undefined || wrappedBy === undefined) return undefined;
  return { named: Number(named), wrappedBy: Number(wrappedBy) };
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
