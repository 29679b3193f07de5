import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload } from '@temporalio/common';

/** A key that payloads are encrypted with, and its name, which stands beside each of them. */
export interface PayloadKey {
  id: string;
  /** 32 bytes. */
  secret: Buffer;
}

const cipher = 'aes-256-gcm';
const encoding = 'binary/encrypted';
const [nonceLength, tagLength] = [12, 16];

const text = (value: string): Uint8Array => Buffer.from(value);

/**
 * The whole payload, its metadata included, encrypted by AES-256-GCM under a fresh nonce: nonce, tag, ciphertext. What it is bound to is
 * the id of its key; not the workflow, which the codec server of the Web UI does not know.
 */
export function seal(payload: Payload, { id, secret }: PayloadKey): Payload {
  const nonce = randomBytes(nonceLength);
  const encrypt = createCipheriv(cipher, secret, nonce).setAAD(Buffer.from(id));
  const sealed = Buffer.concat([encrypt.update(packed(payload)), encrypt.final()]);
  return {
    metadata: { encoding: text(encoding), 'encryption-cipher': text('AES-256-GCM'), 'encryption-key-id': text(id) },
    data: Buffer.concat([nonce, encrypt.getAuthTag(), sealed]),
  };
}

/** The id of the key that a payload is encrypted with; undefined for one that is in clear. */
export function keyIdOf({ metadata }: Payload): string | undefined {
  if (metadata?.['encoding'] === undefined || asText(metadata['encoding']) !== encoding) return undefined;
  return asText(metadata['encryption-key-id'] ?? text(''));
}

/** The payload that was sealed. Throws when it was changed, or sealed with another key. */
export function unseal({ data }: Payload, { id, secret }: PayloadKey): Payload {
  const bytes = Buffer.from(data ?? []);
  const decrypt = createDecipheriv(cipher, secret, bytes.subarray(0, nonceLength), { authTagLength: tagLength })
    .setAAD(Buffer.from(id))
    .setAuthTag(bytes.subarray(nonceLength, nonceLength + tagLength));
  return unpacked(Buffer.concat([decrypt.update(bytes.subarray(nonceLength + tagLength)), decrypt.final()]));
}

/** Four bytes with the length of the metadata, the metadata as JSON with values in base64, the data. */
function packed({ metadata, data }: Payload): Buffer {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  const head = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  // What has no data comes from the workflow's sandbox with an empty array in its place.
  return Buffer.concat([length, head, Buffer.from(data ?? [])]);
}

function unpacked(bytes: Buffer): Payload {
  const end = 4 + bytes.readUInt32BE(0);
  const head: unknown = JSON.parse(bytes.subarray(4, end).toString());
  const entries = Object.entries(head ?? {}).map(([name, value]) => [name, Buffer.from(String(value), 'base64')]);
  return { metadata: Object.fromEntries(entries), data: bytes.subarray(end) };
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
