import { assert, jsonValue, property } from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Json } from '../declaration/service-options.ts';
import { yamlText } from './yaml-text.ts';

/** The value without what JSON can't carry, such as -0. */
function plain(value: unknown): Json {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse returns JSON
  return JSON.parse(JSON.stringify(value)) as Json;
}

test('whatever is written is read back as it was', () => {
  assert(
    property(jsonValue({ maxDepth: 4 }), (value) => {
      const json = plain(value);
      expect(parse(yamlText(json))).toEqual(json);
    }),
    { numRuns: 500 },
  );
});

test.each([
  'yes',
  'null',
  '1e3',
  '0x1f',
  '012',
  '12:30:00',
  '- a',
  'a: b',
  '#',
  '',
  ' a',
  '~',
  '2024-01-01',
  '.inf',
  'a #b',
])('the string %j stays a string, for YAML 1.1, too', (text) => {
  expect(parse(yamlText({ a: text }), { version: '1.1' })).toEqual({ a: text });
});

test('objects and lists in block style', () => {
  expect(yamlText({ kind: 'X', list: [{ a: 1, b: [2, 3] }, 'c'], empty: {}, none: [] })).toBe(
    'kind: X\nlist:\n  - a: 1\n    b:\n      - 2\n      - 3\n  - c\nempty: {}\nnone: []\n',
  );
});
