import { expect, test } from 'vitest';
import { isWrittenWith } from './cipher.ts';
import { kmsCipherOf } from './kms-value.ts';
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

test.each<[what: string, stored: Value, expected: string | undefined]>([
  ['of the first version', { id: '1', wrapped: 'vault:v1:hfTasX79' }, 'kms v1'],
  ['of a later one, with two digits', { id: '12', wrapped: 'vault:v12:hfTasX79' }, 'kms v12'],
  ['of a Secret of a mebibyte less a bit', { id: '3', wrapped: 'vault:v3:x', encrypted: 16_000 }, 'kms v3'],
  ['wrapped before the version was asked for', { id: '3', wrapped: 'vault:v2:x' }, 'kms v2'],
  ['wrapped by a version that the id is behind', { id: '2', wrapped: 'vault:v3:x' }, 'kms v2'],
  ['of another plugin', { id: '1', wrapped: 'vault:v1:x', plugin: 'other' }, undefined],
  ['with an id that is no version', { id: 'one', wrapped: 'vault:v1:x' }, undefined],
  ['that something else has wrapped', { id: '1', wrapped: 'aws:x' }, undefined],
])('a value %s: what does it depend on?', (_, stored, expected) => {
  expect(kmsCipherOf(value(stored), 'vault')).toBe(expected);
});

test('which of two versions has written it?', () => {
  const stored = value({ id: '2', wrapped: 'vault:v2:x' });
  expect(isWrittenWith('kms v2', stored)).toBe(true);
  expect(isWrittenWith('kms v1', stored)).toBe(false);
  expect(isWrittenWith('secretbox v2', stored)).toBe(false);
  expect(isWrittenWith('identity', stored)).toBe(false);
});

test('a value that is cut off anywhere: is it said to be of no version, or of its own?', () => {
  const whole = value({ id: '2', wrapped: 'vault:v2:x' });
  for (let length = 0; length < whole.length; length += 1)
    expect([undefined, 'kms v2']).toContain(kmsCipherOf(whole.subarray(0, length), 'vault'));
  expect(kmsCipherOf(whole.subarray(0, 100), 'vault')).toBeUndefined();
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
