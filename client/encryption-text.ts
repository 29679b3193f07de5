import {
  describeChange,
  sayCipher,
  stageText,
  writingCipher,
  type EncryptionRecord,
  type KeyChange,
} from '../cluster/encryption/key-change.ts';
import type { Paint } from './paint.ts';

/** The line of `status` about Secrets: with what they are written, or how far a change of the key has come. */
export function encryptionLine(record: EncryptionRecord, paint: Paint): string {
  const { change } = record;
  if (change === undefined) return `secrets    ${howWritten(record)}`;
  return `secrets    ${paint.yellow(`${describeChange(record, change)}, ${stageLine(change)}`)}`;
}

export function howWritten(record: EncryptionRecord): string {
  const cipher = writingCipher(record);
  return cipher === 'identity' ? 'in clear' : `encrypted with ${sayCipher(cipher)}`;
}

/** `rewriting (3 of 4): every Secret is written anew, 312 of 500`. */
export function stageLine({ stage, progress }: KeyChange): string {
  const counted = progress === undefined ? '' : `, ${progress.done} of ${progress.of}`;
  return `${stage} (${Object.keys(stageText).indexOf(stage) + 1} of 4): ${stageText[stage]}${counted}`;
}
