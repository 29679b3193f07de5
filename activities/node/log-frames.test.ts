import { expect, test } from 'vitest';
import { logLines } from './log-frames.ts';

function frame(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

test.each([
  { log: 'is empty', bytes: Buffer.alloc(0), lines: [] },
  { log: 'has both streams', bytes: [frame(1, 'one\n'), frame(2, 'two\n')], lines: ['one', 'two'] },
  { log: 'has a line in two frames', bytes: [frame(1, 'on'), frame(1, 'e\ntwo')], lines: ['one', 'two'] },
  { log: 'has empty lines and carriage returns', bytes: frame(1, 'one\r\n\n  two\n'), lines: ['one', '  two'] },
  { log: 'was cut off in a frame', bytes: frame(1, 'one\ntwo').subarray(0, 13), lines: ['one', 't'] },
  { log: 'was cut off in a header', bytes: [frame(1, 'one\n'), Buffer.alloc(5)], lines: ['one'] },
  { log: 'is not in English', bytes: frame(2, 'größer\n'), lines: ['größer'] },
])('a log that $log', ({ bytes, lines }) => {
  expect(logLines(Array.isArray(bytes) ? Buffer.concat(bytes) : bytes)).toEqual(lines);
});
