import { createReadStream } from 'node:fs';
import {
  DeleteObjectsCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { S3Target } from '../../cluster/declaration/maintenance.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { BucketCredentials } from '../vault/secrets.ts';

interface Copy {
  target: S3Target;
  credentials: BucketCredentials;
  cluster: string;
  /** The file's path and its last part. */
  path: string;
  name: string;
  bytes: number;
  /** How many copies of this cluster are kept; at least one. */
  keep: number;
}

/** Of one part of an upload; S3 takes 10,000 parts. */
const partBytes = 16 * 1024 * 1024;

/**
 * Copies a snapshot into the bucket, sees that it arrived whole, and deletes the oldest beyond what is kept. Returns the places of the
 * copy and of what was deleted.
 * @throws CkeError BackupFailed
 */
export async function copyToS3(copy: Copy): Promise<{ place: string; dropped: string[] }> {
  const { target, credentials } = copy;
  const { endpoint, region } = target;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 3 });
  try {
    const key = `${homeOf(copy)}${copy.name}`;
    await upload(client, copy, key);
    return { place: placeOf(target, key), dropped: await dropOld(client, copy).catch(unlessForbidden) };
  } catch (error) {
    throw error instanceof CkeError ? error : refused(copy, error);
  } finally {
    client.destroy();
  }
}

/** A part's checksum is verified by the server; that all of them came, by the length of the whole. */
async function upload(client: S3Client, { target, path, bytes, cluster }: Copy, key: string): Promise<void> {
  const { bucket: Bucket } = target;
  const params = { Bucket, Key: key, Body: createReadStream(path), ContentLength: bytes };
  await new Upload({ client, params, partSize: partBytes, queueSize: 2, leavePartsOnError: false }).done();
  const { ContentLength: arrived } = await client.send(new HeadObjectCommand({ Bucket, Key: key }));
  if (arrived === bytes) return;
  throw new CkeError({
    code: 'BackupFailed',
    message: `the snapshot of etcd of ${cluster} did not arrive whole at ${placeOf(target, key)}`,
    got: `${arrived ?? 0} bytes`,
    want: `${bytes} bytes`,
    remedy: 'retry',
  });
}

/** Names begin with the time. */
async function dropOld(client: S3Client, copy: Copy): Promise<string[]> {
  const { target, keep } = copy;
  const keys: string[] = [];
  const pages = paginateListObjectsV2({ client }, { Bucket: target.bucket, Prefix: homeOf(copy) });
  for await (const { Contents: found = [] } of pages)
    keys.push(...found.flatMap(({ Key }) => (Key?.endsWith('.db') ? [Key] : [])));
  // A request takes 1000 keys; what is more than that goes the next time.
  const going = keys.toSorted().slice(0, -keep).slice(0, 1000);
  if (going.length === 0) return [];
  const Objects = going.map((Key) => ({ Key }));
  const { Errors: kept = [] } = await client.send(
    new DeleteObjectsCommand({ Bucket: target.bucket, Delete: { Objects } }),
  );
  return going.filter((key) => !kept.some(({ Key }) => Key === key)).map((key) => placeOf(target, key));
}

/** Credentials that may only write are a good idea: then the bucket's own rules make room. */
function unlessForbidden(error: unknown): string[] {
  if (error instanceof S3ServiceException && error.name === 'AccessDenied') return [];
  throw error;
}

function homeOf({ target, cluster }: Copy): string {
  const { prefix } = target;
  return `${prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`}${cluster}/`;
}

function placeOf({ bucket }: S3Target, key: string): string {
  return `s3://${bucket}/${key}`;
}

function refused({ target, cluster }: Copy, error: unknown): CkeError {
  return new CkeError({
    code: 'BackupFailed',
    message: `the snapshot of etcd of ${cluster} was not copied to the bucket ${target.bucket} at ${target.endpoint}`,
    got: (error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error').slice(0, 200),
    fix: 'look at etcd_backup.s3 of the declaration, and at the credentials in Vault',
    remedy: 'retry',
  });
}
