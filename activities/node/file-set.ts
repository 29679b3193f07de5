import { createHash, randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import type { IssuedCertificate } from '../../cluster/certificates/certificate.ts';
import { CkeError } from '../../cluster/errors.ts';
import { hostPrefix } from './publish-script.ts';
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
  /** For which operation: files that a later one of the same cluster has published are left alone (E-02). */
  by: Writer;
}

/** The operation that something is written for. */
export interface Writer {
  cluster: string;
  epoch: number;
}

export type SetName = Pick<FileSet, 'component' | 'root'>;

/** A generation as it is written: what goes into the archive, in this order, and its name. */
export interface Generation {
  name: string;
  entries: TarEntry[];
}

/** Directory of a set, as the file container sees it. */
export function setDirectory({ root, component }: SetName): string {
  return `${hostPrefix}${root}/.sets/${component}`;
}

/**
 * The generation of a set: its files, its manifest, and last the note that asks for its publication, so that an upload that is cut off
 * asks for nothing. Throws CkeError InvalidRequest for a path that is not plainly below the set's root.
 */
export function generationOf(set: FileSet): Generation {
  const { root, files, manifest, by } = set;
  const home = setDirectory(set);
  const name = `..gen-${manifest.digest.slice(0, 8)}-${randomBytes(4).toString('hex')}`;
  const placed = files.map(({ path, bytes, mode }) => ({
    path: below(root, path),
    bytes,
    mode: Number.parseInt(mode, 8),
  }));
  placed.push({ path: 'manifest.json', bytes: Buffer.from(JSON.stringify(manifest)), mode: 0o600 });
  const links = files.map(({ path }) => `${below(root, path)} ${linkTarget(set, path)}\n`).join('');
  placed.push({ path: '.paths', bytes: Buffer.from(links), mode: 0o600 });
  const modes = files.map(({ path, mode }) => `${mode.slice(1)} 0:0 ${below(root, path)}\n`).join('');
  placed.push({ path: '.modes', bytes: Buffer.from(modes), mode: 0o600 });
  placed.push({ path: '.epoch', bytes: Buffer.from(`${writerText(by)}\n`), mode: 0o600 });
  placed.push({ path: '.sums', bytes: Buffer.from(placed.map(sumLine).join('')), mode: 0o600 });
  const directories = new Set([`${hostPrefix}${root}/.sets`, home, `${home}/${name}`]);
  for (const { path } of placed) {
    for (const parent of parentsOf(path)) directories.add(`${home}/${name}/${parent}`);
  }
  return {
    name,
    entries: [
      ...[...directories].map((path): TarEntry => ({ type: 'directory', name: path, mode: 0o755 })),
      ...placed.map(({ path, bytes, mode }): TarEntry => ({
        type: 'file',
        name: `${home}/${name}/${path}`,
        bytes,
        mode,
      })),
      { type: 'file', name: `${home}/..pending`, bytes: Buffer.from(`${name}\n`), mode: 0o600 },
    ],
  };
}

/** As the script that publishes reads it. */
export const writerText = ({ cluster, epoch }: Writer): string => `${cluster} ${epoch}`;

/** The link at a public path leads into whatever generation is published: it never changes. */
function linkTarget({ root, component }: SetName, path: string): string {
  return posix.relative(posix.dirname(path), `${root}/.sets/${component}/..data/${posix.relative(root, path)}`);
}

/** The path below the root, of which the script that publishes it makes lines of words. What begins with a dot at the top is ours. */
function below(root: string, path: string): string {
  const inside = posix.relative(root, path);
  const plain = /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/\.?[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;
  if (plain.test(inside) && posix.normalize(path) === path && inside !== 'manifest.json') return inside;
  throw new CkeError({
    code: 'InvalidRequest',
    message: `${path} cannot be a file of the set below ${root}`,
    want: 'a path of letters, digits, dots, dashes and underscores below that directory',
    remedy: 'never',
  });
}

function sumLine({ path, bytes }: { path: string; bytes: Buffer }): string {
  return `${createHash('sha256').update(bytes).digest('hex')}  ${path}\n`;
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
