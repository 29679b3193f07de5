import { expect, test } from 'vitest';
import { isTorn, isWrittenWith } from './cipher.ts';
import { kmsVersionsOf, type KmsVersions } from './kms-value.ts';
import { readFields } from './protobuf.ts';

const ascii = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));

/** A field with a length, which takes one or two bytes. */
function field(number: number, bytes: number[]): number[] {
  const length = bytes.length < 0x80 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return [(number << 3) | 2, ...length, ...bytes];
}

/** A value as an API server writes it: what is encrypted, the key's id, the wrapped key, an annotation, and the kind of key. */
function value({ id, wrapped, plugin = 'vault', encrypted = 300 }: Value): Uint8Array {
  const annotation = field(4, [...field(1, ascii('a')), ...field(2, [1])]);
  return Uint8Array.from([
    ...ascii(`k8s:enc:kms:v2:${plugin}:`),
    ...field(
      1,
      Array.from({ length: encrypted }, (_, index) => index % 256),
    ),
    ...field(2, ascii(id)),
    ...field(3, ascii(wrapped)),
    ...annotation,
    5 << 3,
    1,
  ]);
}

interface Value {
  id: string;
  wrapped: string;
  plugin?: string;
  encrypted?: number;
}

test.each<[what: string, stored: Value, expected: KmsVersions | undefined]>([
  ['of the first version', { id: '1', wrapped: 'vault:v1:hfTasX79' }, { named: 1, wrappedBy: 1 }],
  ['of a later one, with two digits', { id: '12', wrapped: 'vault:v12:hfTasX79' }, { named: 12, wrappedBy: 12 }],
  ['of a large Secret', { id: '3', wrapped: 'vault:v3:x', encrypted: 16_000 }, { named: 3, wrappedBy: 3 }],
  ['wrapped before the version was asked for', { id: '3', wrapped: 'vault:v2:x' }, { named: 3, wrappedBy: 2 }],
  ['wrapped by a version that the id is behind', { id: '2', wrapped: 'vault:v3:x' }, { named: 2, wrappedBy: 3 }],
  ['of another plugin', { id: '1', wrapped: 'vault:v1:x', plugin: 'other' }, undefined],
  ['with an id that is no version', { id: 'one', wrapped: 'vault:v1:x' }, undefined],
  ['that something else has wrapped', { id: '1', wrapped: 'aws:x' }, undefined],
])('a value %s: what does it say of the key?', (_, stored, expected) => {
  expect(kmsVersionsOf(value(stored), 'vault')).toEqual(expected);
});

test('which of two versions has written it?', () => {
  const stored = value({ id: '2', wrapped: 'vault:v2:x' });
  expect(isWrittenWith('kms v2', stored)).toBe(true);
  expect(isWrittenWith('kms v1', stored)).toBe(false);
  expect(isWrittenWith('secretbox v2', stored)).toBe(false);
  expect(isWrittenWith('identity', stored)).toBe(false);
});

test('named after a version that did not wrap it: is it neither, and known for what it is?', () => {
  const torn = value({ id: '3', wrapped: 'vault:v2:x' });
  expect([isWrittenWith('kms v2', torn), isWrittenWith('kms v3', torn)]).toEqual([false, false]);
  expect([isTorn('kms v3', torn), isTorn('kms v2', torn), isTorn('identity', torn)]).toEqual([true, false, false]);
  expect(isTorn('kms v2', value({ id: '2', wrapped: 'vault:v2:x' }))).toBe(false);
});

test('a value that is cut off anywhere: is nothing wrong said of it?', () => {
  const whole = value({ id: '2', wrapped: 'vault:v2:x' });
  const told = Array.from({ length: whole.length }, (_, length) => kmsVersionsOf(whole.subarray(0, length), 'vault'));
  expect(told.filter((one) => one !== undefined && (one.named !== 2 || one.wrappedBy !== 2))).toEqual([]);
  expect(told[100]).toBeUndefined();
});

test.each<[string, number[], unknown]>([
  ['nothing', [], []],
  [
    'a number of ten bytes',
    [0x08, ...Array.from({ length: 9 }, () => 0xff), 0x01],
    [{ number: 1, value: 2n ** 64n - 1n }],
  ],
  ['a number of eleven', [0x08, ...Array.from({ length: 10 }, () => 0xff), 0x01], undefined],
  [
    'numbers of fixed length',
    [0x09, ...Array.from({ length: 8 }, () => 1), 0x15, 1, 2, 3, 4],
    [
      { number: 1, value: Uint8Array.from({ length: 8 }, () => 1) },
      { number: 2, value: Uint8Array.from([1, 2, 3, 4]) },
    ],
  ],
  ['a length beyond the end', [0x0a, 5, 1], undefined],
  ['a group', [0x0b], undefined],
  ['a field without a number', [0x02, 0], undefined],
])('protobuf: %s', (_, bytes, expected) => {
  expect(readFields(Uint8Array.from(bytes))).toEqual(expected);
});
