import { posix } from 'node:path';
import { z } from 'zod';
import { issuedCertificateSchema } from '../certificate-schemas.ts';
import { CkeError } from '../../cluster/errors.ts';
import { directoryHas, readArchive, statArchive, writeArchive, writeLargeFile, type PathState } from './archive.ts';
import type { Engine } from './engine.ts';
import { ensureFileContainer, runFileContainer, type FileContainerOptions } from './file-container.ts';
import {
  generationOf,
  setDirectory,
  writerText,
  type FileSet,
  type Manifest,
  type SetName,
  type Writer,
} from './file-set.ts';
import { readDamage, type Damage } from './damage.ts';
import { dockerFailed } from './node-errors.ts';
import { hostPrefix, operationsFile, setRoots } from './publish-script.ts';
import type { Turns } from './turns.ts';

/**
 * Files on one node, without a shell or a tool of ours there. A set is written into a new generation and published by one rename of a
 * symlink: readers see the old set or the new one, never a mix (rule C-02). What is done to one node's files is done in turn.
 * All throw CkeError as NodeDocker does; paths are the node's own.
 */
export interface NodeFiles {
  /** Creates the container that files go through, or recreates it when it is another image's. Throws ImageMissing too. */
  prepare(): Promise<void>;
  /** Returns the name of the published generation. Throws Fenced when a newer operation's files are there. */
  installFileSet(set: FileSet): Promise<{ generation: string }>;
  /** Of the published generation; undefined when there is none. */
  readManifest(set: SetName): Promise<Manifest | undefined>;
  /** Compares every published file with what was installed: content, mode, owner and link. Publishes nothing. */
  check(): Promise<Damage[]>;
  /** What the last check found, and what has not been installed anew since. */
  damage(): Promise<Damage[]>;
  makeDirectories(directories: { path: string; mode: '0700' | '0755' }[]): Promise<void>;
  /** What stands at the path of an etcd data directory: `intact` when it has a write-ahead log. */
  directoryState(path: string): Promise<'absent' | 'empty' | 'intact'>;
  /** Brings a file of this machine, of any size, to a path below one of our roots; for root only. */
  placeFile(file: { from: string; bytes: number; to: string }): Promise<void>;
  stat(path: string): Promise<PathState>;
  readFile(path: string): Promise<Buffer | undefined>;
  /** Renames within one of our roots; parents of `to` are made. `absent` when there is nothing to rename and nothing was. */
  renamePath(paths: { from: string; to: string }): Promise<'renamed' | 'already-renamed' | 'absent'>;
  /** Takes every file set of ours off the node, with the public paths that lead into them; files of others, and of newer operations, stay. */
  removeFileSets(by: Writer): Promise<void>;
  /** Removes everything at a path below one of our roots. */
  removeTree(path: string): Promise<'removed' | 'absent'>;
}

/** A database of several gigabytes, over the user's line. */
const longestTransfer = 25 * 60_000;

export function createNodeFiles(engine: Engine, options: FileContainerOptions, turns: Turns): NodeFiles {
  const { inTurn } = turns;
  const stat = (path: string) => statArchive(engine, hostPrefix + path);
  const operate = async (verb: 'rename' | 'remove-tree' | 'withdraw-sets' | 'check', path = '', other = '') => {
    const line = [verb, hostPrefix + path, other].join('\t');
    const id = await ensureFileContainer(engine, options);
    await writeArchive(engine, [
      { type: 'directory', name: posix.dirname(operationsFile), mode: 0o755 },
      { type: 'file', name: operationsFile, mode: 0o600, bytes: Buffer.from(`${line}\n`) },
    ]);
    return runFileContainer(engine, id);
  };
  return {
    prepare: () => inTurn(async () => void (await ensureFileContainer(engine, options))),
    readManifest: (set) => readManifest(engine, set),
    check: () => inTurn(async () => ((await operate('check')) === 'damaged' ? readDamage(engine) : [])),
    damage: () => readDamage(engine),
    installFileSet: (set) => install({ engine, options, turns }, set),
    makeDirectories: (directories) =>
      inTurn(async () => {
        await ensureFileContainer(engine, options);
        const entries = directories.map(({ path, mode }) => {
          return { type: 'directory' as const, name: hostPrefix + path, mode: Number.parseInt(mode, 8) };
        });
        await writeArchive(engine, entries);
      }),
    async directoryState(path) {
      if ((await stat(path)).state === 'absent') return 'absent';
      const log = `${hostPrefix}${path}/member/wal`;
      return (await directoryHas(engine, log, (entry) => entry.endsWith('.wal'))) ? 'intact' : 'empty';
    },
    placeFile: ({ from, bytes, to }) =>
      inTurn(async () => {
        demandOneRoot(options, [to]);
        await ensureFileContainer(engine, options);
        await writeLargeFile(engine, { from, bytes, to: hostPrefix + to, milliseconds: longestTransfer });
      }),
    stat,
    readFile: (path) => readArchive(engine, hostPrefix + path),
    renamePath: ({ from, to }) =>
      inTurn(async () => {
        demandOneRoot(options, [from, to]);
        await ensureFileContainer(engine, options);
        const [source, destination] = [await stat(from), await stat(to)];
        if (source.state === 'absent') return destination.state === 'absent' ? 'absent' : 'already-renamed';
        await operate('rename', from, hostPrefix + to);
        return 'renamed';
      }),
    removeFileSets: (by) =>
      inTurn(async () => {
        await ensureFileContainer(engine, options);
        for (const root of setRoots) await operate('withdraw-sets', root, writerText(by));
      }),
    removeTree: (path) =>
      inTurn(async () => {
        demandOneRoot(options, [path]);
        await ensureFileContainer(engine, options);
        if ((await stat(path)).state === 'absent') return 'absent';
        await operate('remove-tree', path);
        return 'removed';
      }),
  };
}

interface Installation {
  engine: Engine;
  options: FileContainerOptions;
  turns: Turns;
}

/** Writes a generation, has it published together with what else is pending, and looks whether it is. */
async function install({ engine, options, turns }: Installation, set: FileSet): Promise<{ generation: string }> {
  const { name, entries } = generationOf(set);
  const id = await turns.inTurn(async () => {
    const standing = await ensureFileContainer(engine, options);
    await writeArchive(engine, entries);
    return standing;
  });
  const publish = async () => void (await runFileContainer(engine, id));
  const run = await turns.shared(publish).catch((error: unknown) => ({ error }));
  const published = await statArchive(engine, `${setDirectory(set)}/..data`);
  if (published.state === 'link' && published.target.endsWith(name)) return { generation: name };
  await demandNotOutdated(engine, set);
  // Only now: another set's trouble is not ours.
  if (run !== undefined) throw run.error;
  throw dockerFailed(
    engine.target,
    `publish the files of ${set.component}`,
    'another generation was published meanwhile',
  );
}

/** E-02 at the node: what a newer operation has published stays. */
async function demandNotOutdated(engine: Engine, set: FileSet): Promise<void> {
  const text = (await readArchive(engine, `${setDirectory(set)}/..data/.epoch`))?.toString().trim() ?? '';
  const [cluster, epoch] = text.split(' ');
  if (cluster !== set.by.cluster || Number(epoch) <= set.by.epoch) return;
  throw new CkeError({
    code: 'Fenced',
    message: `the files of ${set.component} on ${engine.target.name} were installed by a newer operation: they are left alone`,
    node: engine.target.name,
    got: `epoch ${set.by.epoch}`,
    want: `epoch ${epoch}`,
    remedy: 'never',
  });
}

const manifestSchema = z.object({ digest: z.string(), certificates: z.array(issuedCertificateSchema) });

async function readManifest(engine: Engine, set: SetName): Promise<Manifest | undefined> {
  const bytes = await readArchive(engine, `${setDirectory(set)}/..data/manifest.json`);
  if (bytes === undefined) return undefined;
  try {
    return manifestSchema.parse(JSON.parse(bytes.toString()));
  } catch {
    return undefined;
  }
}

/** Only what is ours is renamed or removed, and never from one file system to another. */
function demandOneRoot({ directories }: FileContainerOptions, paths: string[]): void {
  const plain = paths.every((path) => posix.normalize(path) === path && /^[A-Za-z0-9._/-]+$/.test(path));
  const root = [...setRoots, ...directories].find((one) => paths.every((path) => path.startsWith(`${one}/`)));
  if (plain && root !== undefined) return;
  throw new CkeError({
    code: 'InvalidRequest',
    message: `${paths.join(' and ')}: not below one of the directories that are ours`,
    remedy: 'never',
  });
}
