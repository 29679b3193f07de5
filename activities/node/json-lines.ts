import { Readable } from 'node:stream';
import { DeadlineExceeded } from './deadlines.ts';

export interface JsonLinesOptions {
  /** Milliseconds of silence after which the stream counts as dead; for ever unless given. */
  idle?: number;
  onLine: (line: unknown) => void;
}

/** Reads a stream of one JSON value per line until it ends. Throws what the stream throws, and DeadlineExceeded on silence. */
export async function readJsonLines(stream: Readable, { idle, onLine }: JsonLinesOptions): Promise<void> {
  let rest = '';
  const silence = idle === undefined ? undefined : setTimeout(() => stream.destroy(new DeadlineExceeded(idle)), idle);
  try {
    for await (const chunk of stream.setEncoding('utf8')) {
      silence?.refresh();
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') onLine(JSON.parse(line));
    }
    if (rest.trim() !== '') onLine(JSON.parse(rest));
  } finally {
    clearTimeout(silence);
    stream.destroy();
  }
}

/** dockerode's types say of an answer only that it can be read; it can be destroyed too, which frees its channel. */
export function destroyable(stream: NodeJS.ReadableStream): Readable {
  if (stream instanceof Readable) return stream;
  throw new TypeError('the answer is no stream');
}
