import { expect, test } from 'vitest';
import { ago, duration, rendered, table } from './output.ts';

test('a table has capitals above and no lines', () => {
  const rows = [
    ['cp-1', 'yes'],
    ['worker-10', 'no'],
  ];
  expect(table({ columns: ['node', 'ready'], rows }, 0)).toBe('NODE       READY\ncp-1       yes\nworker-10  no');
});

test('the last column is wrapped to the terminal, the others stay whole', () => {
  const text = table({ columns: ['node', 'reason'], rows: [['cp-1', 'extra_args changed from nothing to --v=4']] }, 36);
  expect(text).toBe('NODE  REASON\ncp-1  extra_args changed from\n      nothing to --v=4');
});

test('colour does not shift columns', () => {
  const red = '\u001b[31mno\u001b[39m';
  expect(table({ columns: ['ready', 'node'], rows: [[red, 'cp-1']] }, 0).split('\n')[1]).toBe(`${red}     cp-1`);
});

test.each([
  [0, '0.0 s'],
  [3_440, '3.4 s'],
  [59_960, '1 min'],
  [125_000, '2 min 5 s'],
  [3 * 3_600_000 + 12 * 60_000, '3 h 12 min'],
  [98 * 3_600_000, '4 d 2 h'],
])('%d ms is %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test('how long ago', () => {
  const now = Date.parse('2026-01-01T00:10:00Z');
  expect(ago('2026-01-01T00:09:59.500Z', now)).toBe('just now');
  expect(ago('2026-01-01T00:09:30Z', now)).toBe('30 s ago');
  expect(ago('2026-01-01T00:08:00Z', now)).toBe('2 min ago');
});

const asText = () => 'for people';

test('json and yaml are the data that the table is made of', () => {
  const data = { cluster: 'prod', changes: ['a', 'b'] };
  expect(rendered({ data, format: 'json', asText })).toBe(`${JSON.stringify(data, null, 2)}\n`);
  expect(rendered({ data, format: 'yaml', asText })).toBe('cluster: prod\nchanges:\n  - a\n  - b\n');
  expect(rendered({ data, format: 'table', asText })).toBe('for people\n');
});
