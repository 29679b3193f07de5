import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { CkeError } from '../../cluster/errors.ts';
import { checksumBytes, checksumFits, endsInChecksum } from '../../cluster/etcd/snapshot.ts';
import type { Verdict } from '../../cluster/etcd/verdict.ts';

/** A snapshot on this machine that was verified just now. */
export interface SnapshotFile {
  path: string;
  bytes: number;
  /** SHA-256 of the whole file, hexadecimal. */
  digest: string;
}

/**
 * The file at `machine:/path` (or `/path`), whose content fits the SHA-256 that etcd put at its end (W-10).
 * @throws CkeError BackupFailed when it is on another machine, is not there, or is no snapshot
 */
export async function openSnapshotFile(place: string): Promise<SnapshotFile> {
  const path = pathHere(place);
  const bytes = await sizeOf(place, path);
  demandUsable(place, endsInChecksum(bytes));
  const [whole, body] = [createHash('sha256'), createHash('sha256')];
  let read = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    whole.update(chunk);
    body.update(chunk.subarray(0, Math.max(0, bytes - checksumBytes - read)));
    read += chunk.length;
  }
  demandUsable(place, checksumFits(body.digest().equals(await endOf(path, bytes)) ? 'matches' : 'differs'));
  return { path, bytes, digest: whole.digest('hex') };
}

function pathHere(place: string): string {
  const here = `${hostname()}:`;
  const path = place.startsWith(here) ? place.slice(here.length) : place;
  if (path.startsWith('/')) return path;
  throw new CkeError({
    code: 'BackupFailed',
    message: `the snapshot ${place} is not on this worker's machine, ${hostname()}`,
    fix: `copy it there, and name its path: cke-client etcd restore ${here}/PATH`,
    remedy: 'never',
  });
}

async function sizeOf(place: string, path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw unusable(place, error instanceof Error && 'code' in error ? String(error.code) : 'it can’t be read');
  }
}

async function endOf(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(checksumBytes), 0, checksumBytes, bytes - checksumBytes);
    return buffer;
  } finally {
    await file.close();
  }
}

function demandUsable(place: string, verdict: Verdict): void {
  if (verdict.kind !== 'allowed') throw unusable(place, verdict.because);
}

function unusable(place: string, because: string): CkeError {
  return new CkeError({
    code: 'BackupFailed',
    message: `${place} can't be restored: ${because}`,
    fix: 'cke-client etcd backups lists what there is',
    remedy: 'never',
  });
}
