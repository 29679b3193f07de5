import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

export type TarEntry =
  | { type: 'directory'; name: string; mode: number }
  | { type: 'file'; name: string; mode: number; bytes: Buffer }
  | { type: 'symlink'; name: string; target: string };

/** A tar archive owned by root; names are taken without their leading slash. */
export function packTar(entries: TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const entry of entries) {
    const name = entry.name.replace(/^\/+/, '');
    const owner = { uid: 0, gid: 0, mtime: new Date() };
    if (entry.type === 'directory') archive.entry({ ...owner, name: `${name}/`, type: 'directory', mode: entry.mode });
    else if (entry.type === 'symlink') archive.entry({ ...owner, name, type: 'symlink', linkname: entry.target });
    else archive.entry({ ...owner, name, type: 'file', mode: entry.mode }, entry.bytes);
  }
  archive.finalize();
  return buffer(archive);
}
