import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { takeSnapshot } from './snapshot.ts';

const stream = vi.hoisted(() => ({ blobs: [] as Buffer[] }));
vi.mock('./client.ts', () => ({
  openEtcdClient: () => ({
    maintenance: { snapshot: async () => Readable.from(stream.blobs.map((blob) => ({ blob }))) },
    close: () => undefined,
  }),
}));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cke-snapshot-'));
});
afterEach(() => rm(directory, { recursive: true }));

const content = randomBytes(512 * 40);
const checksum = createHash('sha256').update(content).digest();

interface Taking {
  blobs: Buffer[];
  revision?: string;
  alarms?: string[];
}

const reach = {
  cluster: 'demo',
  clusterId: '77',
  endpoint: 'https://10.0.0.1:2379',
  credentials: { ca: '', certificate: '', privateKey: '' },
};

/** Takes one, and tells what lies in its directory then. */
async function take({ blobs, revision = '100', alarms = [] }: Taking): Promise<{ said: string; files: string[] }> {
  stream.blobs = blobs;
  const order = {
    ...reach,
    revision,
    alarms,
    directory,
    keep: 3,
    withinMs: 5_000,
    otherwise: 'nothing is changed',
    previous: { clusterId: '77', revision: '90' },
  };
  const said = await takeSnapshot(order).then(({ bytes }) => `${bytes} bytes`, String);
  return { said, files: await readdir(join(directory, 'demo')) };
}

test('a snapshot that arrived whole is kept', async () => {
  const { said, files } = await take({ blobs: [content.subarray(0, 1000), content.subarray(1000), checksum] });
  expect(said).toBe(`${512 * 40 + 32} bytes`);
  expect(files).toEqual([expect.stringMatching(/revision-100\.db$/u)]);
});

test.each<[string, Taking, RegExp]>([
  ['that broke off', { blobs: [content.subarray(0, 9_000)] }, /there is no checksum at its end/],
  ['with another checksum', { blobs: [content, randomBytes(32)] }, /its checksum is not that of its content/],
  ['of a revision below the one before', { blobs: [content, checksum], revision: '89' }, /is below 90/],
  ['taken while a store was full', { blobs: [content, checksum], alarms: ['NOSPACE'] }, /NOSPACE/],
])('a snapshot %s is not relied on, nor kept (W-10)', async (_, taking, says) => {
  const { said, files } = await take(taking);
  expect(said).toMatch(says);
  expect(files).toEqual([]);
});
