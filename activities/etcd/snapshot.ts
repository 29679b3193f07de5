import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isReliableSnapshot } from '../../cluster/etcd/snapshot.ts';
import { CkeError } from '../../cluster/errors.ts';
import { openEtcdClient } from './client.ts';
import { classifyEtcdError } from './failure.ts';
import type { EtcdReach } from './gateways.ts';

export interface TakeSnapshot extends Pick<EtcdReach, 'cluster' | 'credentials'> {
  endpoint: string;
  /** Revision of the member when it was asked, decimal. */
  revision: string;
  alarms: string[];
  /** Directory of this machine; snapshots of a cluster lie below it. */
  directory: string;
  /** How many are kept. */
  keep: number;
}

const checksumBytes = 32;

/** A database of several gigabytes over a slow line. */
const milliseconds = 100_000;

/**
 * Streams a snapshot of one member into a file and verifies the SHA-256 that etcd puts at its end (W-10). Returns the file's path.
 * @throws CkeError EtcdUnavailable, QuorumAtRisk when it can't be relied on
 */
export async function takeSnapshot(input: TakeSnapshot): Promise<string> {
  const { cluster, directory, revision, keep } = input;
  const home = join(directory, cluster);
  const taken = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const path = join(home, `${taken}-revision-${revision}.db`);
  const partial = `${path}.partial`;
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(home, error);
  }
  try {
    const checksum = await download(input, partial);
    const { size } = await stat(partial);
    const copy = 'elsewhere' as const;
    const verdict = isReliableSnapshot({ size, checksum, revision, restoredSince: 'no', alarms: input.alarms, copy });
    if (verdict.kind !== 'allowed') throw unreliable(cluster, verdict.because);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
  const old = (await readdir(home)).filter((name) => name.endsWith('.db')).toSorted();
  for (const name of old.slice(0, Math.max(0, old.length - keep))) await rm(join(home, name), { force: true });
  return path;
}

/** Writes the stream to disk and compares its last 32 bytes with the hash of what stands before them. */
async function download(input: TakeSnapshot, path: string): Promise<'matches' | 'differs'> {
  const { endpoint, credentials, cluster } = input;
  const client = openEtcdClient({ endpoint, credentials, timeoutMs: milliseconds });
  const hash = createHash('sha256');
  let tail = Buffer.alloc(0);
  const hashing = new Transform({
    writableObjectMode: true,
    transform({ blob }: { blob: Buffer }, _encoding, done) {
      const bytes = Buffer.concat([tail, blob]);
      const body = bytes.subarray(0, Math.max(0, bytes.length - checksumBytes));
      hash.update(body);
      tail = bytes.subarray(body.length);
      done(null, blob);
    },
  });
  try {
    const stream = await client.maintenance.snapshot();
    const file = createWriteStream(path, { mode: 0o600 });
    await pipeline(stream as unknown as NodeJS.ReadableStream, hashing, file, {
      signal: AbortSignal.timeout(milliseconds),
    });
    const handle = await open(path, 'r+');
    await handle.sync();
    await handle.close();
  } catch (error) {
    throw new CkeError({
      code: 'EtcdUnavailable',
      message: `etcd of ${cluster} (${endpoint}) did not give a snapshot, and without one its members are not changed`,
      got: classifyEtcdError(error).because,
      remedy: 'retry',
    });
  } finally {
    client.close();
  }
  return hash.digest().equals(tail) ? 'matches' : 'differs';
}

function unreliable(cluster: string, because: string): CkeError {
  return new CkeError({
    code: 'QuorumAtRisk',
    message: `the snapshot of etcd of ${cluster} can't be relied on, and its members are not changed: ${because}`,
    remedy: 'retry',
  });
}

function unwritable(home: string, error: unknown): CkeError {
  return new CkeError({
    code: 'SettingsInvalid',
    message: `${home}: snapshots of etcd can't be written there, and without one its members are not changed`,
    got: error instanceof Error ? error.message.slice(0, 200) : 'unknown error',
    fix: 'let the worker write there, or declare etcd_backup.directory',
    remedy: 'retry',
  });
}
