import { kmsServerCipher, kmsVersion, type Cipher } from './cipher.ts';

/**
 * The stages of a change of the key (or of the provider) that Secrets are written with, reliability §3.6. Each is entered only when
 * the one before is seen complete: `adding` all API servers learn to read with the new key, `leading` they write with it,
 * `rewriting` every stored Secret is written anew, `dropping` they forget the old key.
 */
export const keyChangeStages = ['adding', 'leading', 'rewriting', 'dropping'] as const;

export type KeyChangeStage = (typeof keyChangeStages)[number];

export interface KeyChange {
  stage: KeyChangeStage;
  to: Cipher;
  /** Who asked for it, and when, RFC 3339. */
  by: string;
  since: string;
  /** Secrets that are known to be written with the new key, of all; absent until they are counted. */
  progress?: { done: number; of: number };
}

/** With what API servers write and read Secrets: names of keys, and the stage of a change. The keys are in Vault. */
export interface EncryptionRecord {
  /** Number of the last key that was named; no name is used twice. */
  generation: number;
  /** In force when no change is under way, the one that writes first. */
  settled: Cipher[];
  change?: KeyChange;
}

/**
 * What every API server is to be given at this moment, the one that writes first. Neighbouring stages read each other's writes (C-05).
 * What is in clear can be read at any time: it is listed last. Versions of the transit key are one and the same to it: with another one its
 * configuration stays as it is.
 */
export function ciphersOf(record: EncryptionRecord): Cipher[] {
  return readingClear(wanted(record).map((cipher) => (kmsVersion(cipher) === undefined ? cipher : kmsServerCipher)));
}

const wanted = ({ settled, change }: EncryptionRecord): Cipher[] =>
  change === undefined ? settled : ciphersOfStage(settled, change);

function ciphersOfStage(settled: Cipher[], { stage, to }: KeyChange): Cipher[] {
  switch (stage) {
    case 'adding':
      return [...settled, to];
    case 'leading':
    case 'rewriting':
      return [to, ...settled];
    case 'dropping':
      return [to];
  }
}

const readingClear = (ciphers: Cipher[]): Cipher[] =>
  ciphers.includes('identity') ? [...new Set(ciphers)] : [...new Set(ciphers), 'identity'];

/** The one that Secrets are written with when all API servers are as the record says. */
export function writingCipher(record: EncryptionRecord): Cipher {
  return wanted(record)[0] ?? 'identity';
}

/** Versions of the transit key that data keys in etcd may be wrapped by, the oldest first. */
export function versionsInUse(record: EncryptionRecord): number[] {
  return wanted(record)
    .flatMap((cipher) => kmsVersion(cipher) ?? [])
    .toSorted((a, b) => a - b);
}

/** The version of the transit key that must have been noticed by every API server before a stage is complete; undefined where none must. */
export function versionToNotice({ change }: EncryptionRecord): number | undefined {
  if (change?.stage !== 'leading' && change?.stage !== 'rewriting') return undefined;
  return kmsVersion(change.to);
}

/** The oldest version of the transit key that is needed once the change is complete; undefined where no version is given up. */
export function versionToKeep({ settled, change }: EncryptionRecord): number | undefined {
  if (change?.stage !== 'dropping' || !settled.some((cipher) => kmsVersion(cipher) !== undefined)) return undefined;
  return kmsVersion(change.to);
}

/** The record after a stage that is complete; without a change under way it stays as it is. */
export function afterStage({ change, ...record }: EncryptionRecord): EncryptionRecord {
  if (change === undefined) return record;
  const { progress: _counted, ...rest } = change;
  switch (change.stage) {
    case 'adding':
      return { ...record, change: { ...rest, stage: 'leading' } };
    case 'leading':
      return { ...record, change: { ...rest, stage: 'rewriting' } };
    case 'rewriting':
      return { ...record, change: { ...rest, stage: 'dropping' } };
    case 'dropping':
      return { ...record, settled: [change.to] };
  }
}

/** `secretbox key-1 → secretbox key-2`, as people read it. */
export function describeChange({ settled }: EncryptionRecord, { to }: KeyChange): string {
  return `${sayCipher(settled[0] ?? 'identity')} → ${sayCipher(to)}`;
}

export const sayCipher = (cipher: Cipher): string => (cipher === 'identity' ? 'in clear' : cipher);

/** What a stage is about, in words. */
export const stageText: Record<KeyChangeStage, string> = {
  adding: 'API servers learn to read with the new key',
  leading: 'API servers write with the new key',
  rewriting: 'every Secret is written anew',
  dropping: 'API servers forget the old key',
};
