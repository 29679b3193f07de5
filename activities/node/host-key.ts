import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { CkeError } from '../../cluster/errors.ts';

/** Which host key is right for a server. */
export type HostKeyPolicy =
  { kind: 'fingerprint'; sha256: Buffer } | { kind: 'key'; blob: Buffer; algorithm: string } | { kind: 'unknown' };

const ed25519: ServerHostKeyAlgorithm[] = ['ssh-ed25519'];
const ecdsa: ServerHostKeyAlgorithm[] = ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'];
const rsa: ServerHostKeyAlgorithm[] = ['rsa-sha2-512', 'rsa-sha2-256'];
const families = [ed25519, ecdsa, rsa];

/**
 * Reads `SHA256:…`, an OpenSSH public key line (`ssh-ed25519 AAAA… comment`), or undefined for a server that was never met.
 * Throws CkeError DeclarationRefused when the text is none of these.
 */
export function hostKeyPolicy(text: string | undefined): HostKeyPolicy {
  if (text === undefined) return { kind: 'unknown' };
  const fingerprint = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(text.trim())?.[1];
  if (fingerprint !== undefined) return { kind: 'fingerprint', sha256: Buffer.from(fingerprint, 'base64') };
  const [algorithm = '', encoded = ''] = text.trim().split(/\s+/);
  const blob = Buffer.from(encoded, 'base64');
  if (algorithm === '' || keyType(blob) !== algorithm) {
    throw new CkeError({
      code: 'DeclarationRefused',
      message: 'A host key could not be read',
      got: text.slice(0, 80),
      want: 'SHA256:<43 characters>, or a line of an OpenSSH public key file',
      fix: 'ssh-keyscan -t ed25519 ADDRESS prints the line (compare it with the console of the server)',
      remedy: 'never',
    });
  }
  return { kind: 'key', blob, algorithm };
}

/** Whether the key that the server proved to have is the right one. An unknown server's key is accepted provisionally. */
export function acceptsHostKey(policy: HostKeyPolicy, blob: Buffer): boolean {
  if (policy.kind === 'unknown') return true;
  return policy.kind === 'key' ? sameBytes(policy.blob, blob) : sameBytes(policy.sha256, sha256(blob));
}

/**
 * The host key algorithms to offer, as alternatives that are tried one after the other: a fingerprint does not say of what
 * type its key is, and a server shows only one key per handshake. Nothing based on SHA-1.
 */
export function hostKeyAlgorithms(policy: HostKeyPolicy): ServerHostKeyAlgorithm[][] {
  if (policy.kind === 'unknown') return [families.flat()];
  if (policy.kind === 'fingerprint') return families;
  const family = families.find((algorithms) => algorithms.some((name) => name === policy.algorithm));
  if (family === rsa || policy.algorithm === 'ssh-rsa') return [rsa];
  return [family?.filter((name) => name === policy.algorithm) ?? []];
}

/** `SHA256:…` as ssh-keygen -l prints it. */
export function fingerprintOf(blob: Buffer): string {
  return spoken(sha256(blob));
}

function spoken(digest: Buffer): string {
  return `SHA256:${digest.toString('base64').replace(/=+$/, '')}`;
}

/** The key as an OpenSSH public key line without a comment. */
export function publicKeyLine(blob: Buffer): string {
  return `${keyType(blob)} ${blob.toString('base64')}`;
}

/** The policy as a person compares it with ssh-keygen's output. */
export function describePolicy(policy: HostKeyPolicy): string {
  if (policy.kind === 'unknown') return 'any key, pinned on first contact';
  return policy.kind === 'key' ? fingerprintOf(policy.blob) : spoken(policy.sha256);
}

function keyType(blob: Buffer): string {
  if (blob.length < 4) return '';
  const length = blob.readUInt32BE(0);
  return length > 64 || blob.length < 4 + length ? '' : blob.subarray(4, 4 + length).toString('latin1');
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
