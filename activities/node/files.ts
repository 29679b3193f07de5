import { posix } from 'node:path';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { IssuedCertificate } from '../../cluster/certificates/certificate.ts';
import type { Engine } from './engine.ts';
import { readArchive, statArchive, writeArchive } from './archive.ts';
import { copiedRoot, ensureFileContainer, hostPrefix, publish, type FileContainerOptions } from './file-container.ts';
import type { TarEntry } from './tar.ts';

/** One file of a set, with its bytes: keys are among them, so none of this is ever logged. */
export interface FileToInstall {
  /** Where readers find it: an absolute path below the set's root. */
  path: string;
  mode: '0600' | '0644';
  bytes: Buffer;
}

/** What stands beside the files of a generation: a retry reads it and adopts what is already published. */
export interface Manifest {
  digest: string;
  certificates: IssuedCertificate[];
}

export interface FileSet {
  /** Name of the set: sets of one root don't share files. */
  component: string;
  root: string;
  files: FileToInstall[];
  manifest: Manifest;
}

export type SetName = Pick<FileSet, 'component' | 'root'>;

/**
 * Files on one node, without a shell or a tool of ours there. A set is written into a new generation and published by one rename of a
 * symlink: readers see the old set or the new one, never a mix (rule C-02). Calls for one node run one after the other.
 */
export interface NodeFiles {
  /** Creates the container that files go through, or recreates it when it is another image's. Throws ImageMissing too. */
  prepare(): Promise<void>;
  installFileSet(set: FileSet): Promise<void>;
  /** Of the published generation; undefined when there is none. */
  readManifest(set: SetName): Promise<Manifest | undefined>;
  makeDirectories(directories: { path: string; mode: '0700' | '0755' }[]): Promise<void>;
  /** What stands at the path of an etcd data directory: `intact` when it has a write-ahead log. */
  directoryState(path: string): Promise<'absent' | 'empty' | 'intact'>;
}

const certificateSchema = z.object({
  kind: z.custom<IssuedCertificate['kind']>((value) => typeof value === 'string'),
  serial: z.string(),
  notBefore: z.string(),
  notAfter: z.string(),
});
const manifestSchema = z.object({
  digest: z.string(),
  certificates: z.array(certificateSchema),
  paths: z.array(z.string()),
});

type StoredManifest = z.infer<typeof manifestSchema>;

export function createNodeFiles(engine: Engine, options: FileContainerOptions, inTurn: InTurn): NodeFiles {
  const stored = async ({ root, component }: SetName): Promise<StoredManifest | undefined> => {
    const bytes = await readArchive(engine, `${hostPrefix}${root}/.sets/${component}/..data/manifest.json`);
    return bytes && parseManifest(bytes);
  };
  return {
    prepare: () => inTurn(() => ensureFileContainer(engine, options)),
    readManifest: stored,
    installFileSet: (set) =>
      inTurn(async () => {
        await ensureFileContainer(engine, options);
        const before = await stored(set);
        await writeArchive(engine, entriesOf(set, before?.paths ?? []));
        await publish(engine);
      }),
    makeDirectories: (directories) =>
      inTurn(async () => {
        await ensureFileContainer(engine, options);
        await writeArchive(
          engine,
          directories.map(({ path, mode }) => ({
            type: 'directory',
            name: hostPrefix + path,
            mode: Number.parseInt(mode, 8),
          })),
        );
      }),
    async directoryState(path) {
      if ((await statArchive(engine, hostPrefix + path)) === 'absent') return 'absent';
      return (await statArchive(engine, `${hostPrefix}${path}/member/wal`)) === 'absent' ? 'empty' : 'intact';
    },
  };
}

/** Runs calls for one node one after the other. */
export type InTurn = <T>(call: () => Promise<T>) => Promise<T>;

function parseManifest(bytes: Buffer): StoredManifest | undefined {
  try {
    return manifestSchema.parse(JSON.parse(bytes.toString()));
  } catch {
    return undefined;
  }
}

/** The new generation, then the links of paths that are new, then the note that publishes it. */
function entriesOf({ root, component, files, manifest }: FileSet, linked: string[]): TarEntry[] {
  const home = `${hostPrefix}${root}/.sets/${component}`;
  const generation = `..gen-${manifest.digest.slice(0, 8)}-${randomBytes(4).toString('hex')}`;
  const relative = (path: string) => posix.relative(root, path);
  const stored: StoredManifest = { ...manifest, paths: files.map(({ path }) => path) };
  const directories = new Set([`${hostPrefix}${root}/.sets`, home, `${home}/${generation}`]);
  for (const { path } of files) {
    for (const parent of parentsOf(relative(path))) {
      directories.add(`${home}/${generation}/${parent}`);
      directories.add(`${hostPrefix}${root}/${parent}`);
    }
  }
  const newPaths = files.map(({ path }) => path).filter((path) => !linked.includes(path));
  const file = (name: string, bytes: Buffer, mode: number): TarEntry => ({ type: 'file', name, bytes, mode });
  return [
    ...[...directories].map((name): TarEntry => ({ type: 'directory', name, mode: 0o755 })),
    ...files.map(({ path, bytes, mode }) =>
      file(`${home}/${generation}/${relative(path)}`, bytes, Number.parseInt(mode, 8)),
    ),
    file(`${home}/${generation}/manifest.json`, Buffer.from(JSON.stringify(stored)), 0o600),
    ...(root === copiedRoot ? [] : newPaths.map((path) => linkOf(root, component, path))),
    file(`${home}/..pending`, Buffer.from(generation), 0o600),
  ];
}

/** The public path leads into whatever generation is published: the link itself never changes. */
function linkOf(root: string, component: string, path: string): TarEntry {
  const inside = posix.relative(root, path);
  const target = posix.relative(posix.dirname(path), `${root}/.sets/${component}/..data/${inside}`);
  return { type: 'symlink', name: hostPrefix + path, target };
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
