import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readJsonLines } from './json-lines.ts';

async function linesOf(chunks: (string | Buffer)[]): Promise<unknown[]> {
  const lines: unknown[] = [];
  await readJsonLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), { onLine: (line) => lines.push(line) });
  return lines;
}

const umlaut = Buffer.from('{"a":"ü"}\n');

test.each([
  { stream: 'nothing', chunks: [], lines: [] },
  { stream: 'whole lines', chunks: ['{"a":1}\n{"a":2}\n'], lines: [{ a: 1 }, { a: 2 }] },
  { stream: 'a line in pieces', chunks: ['{"a"', ':1}\r\n', '\n{"a":2}'], lines: [{ a: 1 }, { a: 2 }] },
  { stream: 'a letter in pieces', chunks: [umlaut.subarray(0, 7), umlaut.subarray(7)], lines: [{ a: 'ü' }] },
])('$stream', async ({ chunks, lines }) => {
  expect(await linesOf(chunks)).toEqual(lines);
});

test('silence ends it', async () => {
  const stream = new PassThrough();
  stream.write('{"a":1}\n');
  await expect(readJsonLines(stream, { idle: 20, onLine: () => undefined })).rejects.toThrow('no answer within 0.02 s');
});
