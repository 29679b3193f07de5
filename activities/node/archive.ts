import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import type { Engine } from './engine.ts';
import { refused } from './engine.ts';

/** Something to be written below the root of a container; all belongs to root. */
export type ArchiveEntry =
  { path: string; type: 'directory'; mode: number } | { path: string; type: 'file'; mode: number; bytes: Buffer };

/** What lies at a path. */
export type PathState =
  | { state: 'absent' }
  | { state: 'file'; bytes: number; mode: number }
  | { state: 'directory'; mode: number }
  | { state: 'link'; target: string }
  | { state: 'other' };

/** Files and directories in this order as one tar; parents come before what is in them. */
export async function tarOf(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const entry of entries) {
    const header = { name: entry.path.replace(/^\/+/, ''), mode: entry.mode, uid: 0, gid: 0, mtime: new Date() };
    if (entry.type === 'directory') tar.entry({ ...header, type: 'directory' });
    else tar.entry(header, entry.bytes);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Writes entries into a container, through its bind mounts, whether it runs or not. `gone` when there is no such container. */
export async function putEntries(
  engine: Engine,
  id: string,
  entries: readonly ArchiveEntry[],
): Promise<'written' | 'gone'> {
  const bytes = await tarOf(entries);
  const doing = 'write files';
  const answer = await engine.attempt({
    doing,
    use: (docker, abortSignal) => docker.getContainer(id).putArchive(bytes, { path: '/', abortSignal }),
  });
  if (answer.state === 'answered') return 'written';
  if (answer.refusal.status === 404) return 'gone';
  throw refused(engine.target, doing, answer.refusal);
}

const goBits = { directory: 2 ** 31, link: 2 ** 27 };

/** Looks at a path as the container sees it, without following a link at its end. */
export async function statPath(engine: Engine, id: string, path: string): Promise<PathState> {
  const doing = `look at ${path}`;
  const answer = await engine.attempt({
    doing,
    repeat: 'when the channel broke',
    use: async (docker, abortSignal) => {
      const response = (await docker.getContainer(id).infoArchive({ path, abortSignal })) as unknown as StatResponse;
      response.resume();
      return response.headers['x-docker-container-path-stat'];
    },
  });
  if (answer.state === 'refused') {
    if (answer.refusal.status === 404) return { state: 'absent' };
    throw refused(engine.target, doing, answer.refusal);
  }
  return readStat(answer.value ?? '');
}

type StatResponse = Readable & { headers: Record<string, string | undefined> };

/** Reads Docker's stat header: base64 of JSON, with Go's bits of a file mode. */
export function readStat(header: string): PathState {
  const stat = JSON.parse(Buffer.from(header, 'base64').toString('utf8')) as RawStat;
  const has = (bit: number) => Math.floor(stat.mode / bit) % 2 === 1;
  const mode = stat.mode % 0o1000;
  if (has(goBits.directory)) return { state: 'directory', mode };
  if (has(goBits.link)) return { state: 'link', target: stat.linkTarget };
  const special = [26, 25, 24, 21, 19].some((bit) => has(2 ** bit));
  return special ? { state: 'other' } : { state: 'file', bytes: stat.size, mode };
}

interface RawStat {
  mode: number;
  size: number;
  linkTarget: string;
}

export interface FoundEntry {
  /** Relative to the parent of the path that was asked for. */
  path: string;
  type: string;
  bytes: Buffer;
}

export interface ReadEntries {
  path: string;
  /** Stops as soon as it returns true: nothing after that entry is transferred. Contents are read only of files for which it returns false. */
  enough?: (entry: Omit<FoundEntry, 'bytes'>) => boolean;
}

/** Reads a file or a tree. `undefined` when the path does not exist. */
export async function readEntries(
  engine: Engine,
  id: string,
  { path, enough }: ReadEntries,
): Promise<FoundEntry[] | undefined> {
  const doing = `read ${path}`;
  const answer = await engine.attempt({
    doing,
    repeat: 'when the channel broke',
    use: async (docker, abortSignal) => {
      const stream = await docker.getContainer(id).getArchive({ path, abortSignal });
      return entriesOf(new Readable().wrap(stream), enough);
    },
  });
  if (answer.state === 'answered') return answer.value;
  if (answer.refusal.status === 404) return undefined;
  throw refused(engine.target, doing, answer.refusal);
}

async function entriesOf(stream: Readable, enough: ReadEntries['enough']): Promise<FoundEntry[]> {
  const found: FoundEntry[] = [];
  const tar = extract();
  stream.on('error', (error) => tar.destroy(error));
  try {
    for await (const entry of stream.pipe(tar)) {
      const { name: path, type } = entry.header;
      const known = { path, type: type ?? 'file' };
      if (enough?.(known) === true) {
        found.push({ ...known, bytes: Buffer.alloc(0) });
        break;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      found.push({ ...known, bytes: Buffer.concat(chunks) });
    }
  } finally {
    stream.destroy();
  }
  return found;
}
