import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checksumBytes, isReliableSnapshot } from '../../cluster/etcd/snapshot.ts';
import { CkeError } from '../../cluster/errors.ts';
import { openEtcdClient } from './client.ts';
import { classifyEtcdError } from './failure.ts';
import type { EtcdReach } from './gateways.ts';

/** What is wanted of a snapshot. */
export interface SnapshotOrder {
  /** Directory of this machine; snapshots of a cluster lie below it. */
  directory: string;
  /** How many are kept; at least one. */
  keep: number;
  /** For how long the stream may last. */
  withinMs: number;
  /** What is not done when there is no snapshot: ends the sentence of an error. */
  otherwise: string;
  /** The one before it, which it must not be older than. */
  previous?: Pick<Snapshot, 'clusterId' | 'revision'>;
}

export interface TakeSnapshot extends Pick<EtcdReach, 'cluster' | 'credentials'>, SnapshotOrder {
  endpoint: string;
  clusterId: string;
  /** Revision of the member when it was asked, decimal. */
  revision: string;
  alarms: string[];
}

/** A file that was verified. */
export interface Snapshot {
  path: string;
  /** Of etcd, decimal: a cluster that was restored has another one. */
  clusterId: string;
  revision: string;
  bytes: number;
  /** Paths of older ones that were deleted. */
  dropped: string[];
}

/** Whose writer is dead by then. */
const partialMs = 86_400_000;

/**
 * Streams a snapshot of one member into a file and verifies the SHA-256 that etcd puts at its end (W-10).
 * @throws CkeError EtcdUnavailable, QuorumAtRisk when it can't be relied on, SettingsInvalid when it can't be written
 */
export async function takeSnapshot(input: TakeSnapshot): Promise<Snapshot> {
  const { cluster, directory, revision, keep, clusterId, previous } = input;
  const home = join(directory, cluster);
  const taken = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const path = join(home, `${taken}-revision-${revision}.db`);
  const partial = `${path}.partial`;
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(input, home, error);
  }
  try {
    const checksum = await download(input, partial);
    const { size } = await stat(partial);
    const verdict = isReliableSnapshot({
      size,
      checksum,
      revision,
      restoredSince: previous === undefined || previous.clusterId === clusterId ? 'no' : 'yes',
      ...(previous && { previousRevision: previous.revision }),
      alarms: input.alarms,
      copy: 'elsewhere',
    });
    if (verdict.kind !== 'allowed') throw unreliable(input, verdict.because);
    await rename(partial, path);
    return { path, clusterId, revision, bytes: size, dropped: await dropOld(home, keep) };
  } finally {
    await rm(partial, { force: true });
  }
}

/** The oldest beyond the number that is kept, whose paths are returned, and what a worker that died has left. */
async function dropOld(home: string, keep: number): Promise<string[]> {
  const names = (await readdir(home)).toSorted();
  const whole = names.filter((name) => name.endsWith('.db'));
  const old = whole.slice(0, -keep).map((name) => join(home, name));
  for (const path of old) await rm(path, { force: true });
  for (const name of names.filter((one) => one.endsWith('.partial'))) {
    const { mtimeMs } = await stat(join(home, name));
    if (Date.now() - mtimeMs > partialMs) await rm(join(home, name), { force: true });
  }
  return old;
}

/** Writes the stream to disk and compares its last 32 bytes with the hash of what stands before them. */
async function download(input: TakeSnapshot, path: string): Promise<'matches' | 'differs'> {
  const { endpoint, credentials, cluster, withinMs, otherwise } = input;
  const client = openEtcdClient({ endpoint, credentials, timeoutMs: withinMs });
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
      signal: AbortSignal.timeout(withinMs),
    });
    const handle = await open(path, 'r+');
    await handle.sync();
    await handle.close();
  } catch (error) {
    throw new CkeError({
      code: 'EtcdUnavailable',
      message: `etcd of ${cluster} (${endpoint}) did not give a snapshot, and without one ${otherwise}`,
      got: classifyEtcdError(error).because,
      remedy: 'retry',
    });
  } finally {
    client.close();
  }
  return hash.digest().equals(tail) ? 'matches' : 'differs';
}

function unreliable({ cluster, otherwise }: TakeSnapshot, because: string): CkeError {
  return new CkeError({
    code: 'QuorumAtRisk',
    message: `the snapshot of etcd of ${cluster} can't be relied on, and without one ${otherwise}: ${because}`,
    remedy: 'retry',
  });
}

function unwritable({ otherwise }: TakeSnapshot, home: string, error: unknown): CkeError {
  return new CkeError({
    code: 'SettingsInvalid',
    message: `${home}: snapshots of etcd can't be written there, and without one ${otherwise}`,
    got: error instanceof Error ? error.message.slice(0, 200) : 'unknown error',
    fix: 'let the worker write there, or declare etcd_backup.directory',
    remedy: 'retry',
  });
}
