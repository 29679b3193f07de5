import { createReadStream } from 'node:fs';
import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { extract, pack } from 'tar-stream';
import { z } from 'zod';
import { refused, type Engine } from './engine.ts';
import { destroyable } from './json-lines.ts';
import { fileContainerName } from './our-names.ts';
import { packTar, type TarEntry } from './tar.ts';

/** Larger files are not read: what we read is our own manifests. */
const longestFile = 4 * 1024 * 1024;

/** What lies at a path; a link at its end is not followed. */
export type PathState =
  | { state: 'absent' }
  | { state: 'file'; bytes: number; mode: number }
  | { state: 'directory'; mode: number }
  | { state: 'link'; target: string }
  | { state: 'other' };

/** Writes through the mounts of the file container; what it writes is owned by root. */
export async function writeArchive(engine: Engine, entries: TarEntry[]): Promise<void> {
  const archive = await packTar(entries);
  await engine.call({
    doing: 'write files',
    use: (docker, abortSignal) => fileContainer(docker).putArchive(archive, { path: '/', abortSignal }),
  });
}

export interface LargeFile {
  /** On this machine. */
  from: string;
  bytes: number;
  /** On the node, below a mount of the file container. */
  to: string;
  milliseconds: number;
}

/** Writes a file of any size as it is read; owned by root, for root only. */
export async function writeLargeFile(engine: Engine, { from, bytes, to, milliseconds }: LargeFile): Promise<void> {
  await engine.call({
    doing: `write ${to}`,
    milliseconds,
    use: async (docker, abortSignal) => {
      const archive = pack();
      const entry = archive.entry({ name: to.replace(/^\/+/, ''), size: bytes, mode: 0o600, uid: 0, gid: 0 });
      const filled = pipeline(createReadStream(from), entry, { signal: abortSignal }).then(() => archive.finalize());
      await Promise.all([filled, fileContainer(docker).putArchive(Readable.from(archive), { path: '/', abortSignal })]);
    },
  });
}

/** A file of the node; undefined when it is not there, or the file container is not. */
export async function readArchive(engine: Engine, path: string): Promise<Buffer | undefined> {
  return withArchive(engine, path, async (stream) => {
    const reader = stream.pipe(extract());
    for await (const entry of reader) {
      if (entry.header.type !== 'file') entry.resume();
      else if ((entry.header.size ?? 0) <= longestFile) return buffer(entry);
      else throw new Error(`${path} is larger than ${longestFile} bytes`);
    }
    return undefined;
  });
}

/** Whether a directory has an entry, by its relative path, that fits; no more is transferred than what comes before it. */
export async function directoryHas(engine: Engine, path: string, fits: (entry: string) => boolean): Promise<boolean> {
  const found = await withArchive(engine, path, async (stream) => {
    for await (const entry of stream.pipe(extract())) {
      if (fits(entry.header.name)) return true;
      entry.resume();
    }
    return false;
  });
  return found ?? false;
}

async function withArchive<T>(
  engine: Engine,
  path: string,
  read: (stream: Readable) => Promise<T>,
): Promise<T | undefined> {
  const doing = `read ${path}`;
  const answer = await engine.attempt({
    doing,
    repeat: 'when the channel broke',
    use: async (docker, abortSignal) => {
      const stream = destroyable(await fileContainer(docker).getArchive({ path, abortSignal }));
      try {
        return await read(stream);
      } finally {
        stream.destroy();
      }
    },
  });
  if (answer.state === 'answered') return answer.value;
  if (answer.refusal.status === 404) return undefined;
  throw refused(engine.target, doing, answer.refusal);
}

/** Looks at a path of the node. Throws when the file container is gone: then nothing is known. */
export async function statArchive(engine: Engine, path: string): Promise<PathState> {
  const doing = `look at ${path}`;
  const answer = await engine.attempt({
    doing,
    repeat: 'when the channel broke',
    use: async (docker, abortSignal) => {
      const response: unknown = await fileContainer(docker).infoArchive({ path, abortSignal });
      if (!(response instanceof IncomingMessage)) throw new Error('Docker sent no answer');
      response.resume();
      return String(response.headers['x-docker-container-path-stat']);
    },
  });
  if (answer.state === 'answered') return readStat(answer.value);
  // A HEAD has no body that tells a missing container from a missing path.
  if (answer.refusal.status === 404 && (await containerStands(engine))) return { state: 'absent' };
  throw refused(engine.target, doing, answer.refusal);
}

const statSchema = z.object({ mode: z.number(), size: z.number(), linkTarget: z.string() });

/** Reads Docker's stat header: base64 of JSON, with Go's bits of a file mode. */
export function readStat(header: string): PathState {
  const { mode, size, linkTarget } = statSchema.parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
  const has = (bit: number) => Math.floor(mode / 2 ** bit) % 2 === 1;
  const permissions = mode % 0o1000;
  if (has(31)) return { state: 'directory', mode: permissions };
  if (has(27)) return { state: 'link', target: linkTarget };
  const special = [26, 25, 24, 21, 19].some(has);
  return special ? { state: 'other' } : { state: 'file', bytes: size, mode: permissions };
}

async function containerStands(engine: Engine): Promise<boolean> {
  const answer = await engine.attempt({
    doing: 'look for the file container',
    repeat: 'when the channel broke',
    use: (docker, abortSignal) => fileContainer(docker).inspect({ abortSignal }),
  });
  return answer.state === 'answered';
}

function fileContainer(docker: Docker): Docker.Container {
  return docker.getContainer(fileContainerName);
}
