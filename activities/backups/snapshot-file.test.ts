import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openSnapshotFile } from './snapshot-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'cke-snapshot-'));
afterAll(() => rmSync(directory, { recursive: true }));

const body = Buffer.alloc(200 * 1024, 'etcd');
const whole = Buffer.concat([body, createHash('sha256').update(body).digest()]);

function written(bytes: Buffer): string {
  const path = join(directory, `${bytes.length}-${bytes[0]}.db`);
  writeFileSync(path, bytes);
  return path;
}

describe('a file that is to be restored', () => {
  test('is read by its path, or by the place that a backup has on this machine', async () => {
    const path = written(whole);
    const digest = createHash('sha256').update(whole).digest('hex');
    expect(await openSnapshotFile(path)).toEqual({ path, bytes: whole.length, digest });
    expect((await openSnapshotFile(`${hostname()}:${path}`)).digest).toBe(digest);
  });

  test('is refused when a byte of it is another one', async () => {
    const damaged = Buffer.from(whole);
    damaged[0] = 0;
    await expect(openSnapshotFile(written(damaged))).rejects.toThrow('its checksum is not that of its content');
  });

  test('is refused when it was copied out of a data directory: that has no checksum', async () => {
    await expect(openSnapshotFile(written(body))).rejects.toThrow('no checksum at its end');
  });

  test.each([
    ['elsewhere:/a.db', /not on this worker's machine/],
    ['s3://bucket/a.db', /not on this worker's machine/],
    [join(directory, 'absent.db'), /ENOENT/],
  ])('%s: it is not here', async (place, says) => {
    await expect(openSnapshotFile(place)).rejects.toThrow(says);
  });
});
