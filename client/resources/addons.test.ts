import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Addon } from '../../cluster/declaration/addons.ts';
import { bad, judge } from '../../cluster/declaration/testing/bad-input.ts';
import { accepted, document } from '../../cluster/declaration/testing/minimal.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { addonOf } from '../../cluster/resources/user/addon.ts';
import { definitionOf } from '../../cluster/resources/user/definition.ts';
import type { ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import { demandNoAddon, leftOver, readAddons } from './addons.ts';
import { splitAddons } from './stored-addons.ts';
import type { Definitions } from './wish.ts';

const manifests = `
apiVersion: v1
kind: Namespace
metadata: {name: metrics}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: server, namespace: metrics}
spec:
  selector: {matchLabels: {app: server}}
  template:
    metadata: {labels: {app: server}}
    spec: {containers: [{name: server, image: 'registry.k8s.io/server:v1'}]}
`;
const sha256 = createHash('sha256').update(manifests).digest('hex');
const directory = mkdtempSync(join(tmpdir(), 'addons-'));
const file = join(directory, 'server.yaml');
let server: Server;
let url: string;

beforeAll(async () => {
  writeFileSync(file, manifests);
  server = createServer((request, response) => {
    response.statusCode = request.url === '/server.yaml' ? 200 : 404;
    response.end(manifests);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/server.yaml`;
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

const addon = (fields: Partial<Addon> = {}): Addon => ({ name: 'server', source: file, sha256, images: {}, ...fields });

async function complaint(call: Promise<unknown>): Promise<CkeError['complaint']> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (error instanceof CkeError) return error.complaint;
  throw new Error(`not refused: ${String(error)}`);
}

describe('what an add-on consists of', () => {
  test.each([
    ['a file', () => file],
    ['an address', () => url],
  ])('the objects of %s, each with the name of the add-on', async (_, source) => {
    const objects = await readAddons([addon({ source: source() })]);
    expect([...objects.keys()]).toEqual(['-/Namespace/-/metrics', 'apps/Deployment/metrics/server']);
    expect([...objects.values()].map(addonOf)).toEqual(['server', 'server']);
  });

  test('with other images where they are declared', async () => {
    const images = { 'registry.k8s.io/server:v1': 'registry.example.com/server:v1' };
    const objects = JSON.stringify([...(await readAddons([addon({ images })])).values()]);
    expect(objects).toContain('"image":"registry.example.com/server:v1"');
    expect(objects).not.toContain('registry.k8s.io');
  });

  test('nothing, when the manifests are other ones than those that are pinned', async () => {
    const said = await complaint(readAddons([addon({ sha256: '0'.repeat(64) })]));
    expect(said).toMatchObject({ got: `sha256 ${sha256}`, want: `sha256 ${'0'.repeat(64)}` });
  });

  interface Bad {
    words: string;
    fields: () => Partial<Addon>;
    says: RegExp;
  }

  test.each<Bad>([
    { words: 'a file that is not there', fields: () => ({ source: '/nowhere/a.yaml' }), says: /ENOENT/ },
    { words: 'an address that has nothing', fields: () => ({ source: `${url}.gone` }), says: /status 404/ },
    {
      words: 'an image that the manifests do not name',
      fields: () => ({ images: { 'a:1': 'b:1' } }),
      says: /name no image a:1.*registry\.k8s\.io\/server:v1/s,
    },
  ])('a complaint about $words', async ({ fields, says }) => {
    expect(JSON.stringify(await complaint(readAddons([addon(fields())])))).toMatch(says);
  });

  test('an object belongs to one of them', async () => {
    const said = await complaint(readAddons([addon(), addon({ name: 'again' })]));
    expect(said.message).toMatch(/again is refused: .*belongs to the add-on server already/);
  });
});

describe('beside what people have set', () => {
  const stored = (...objects: [ResourceKey, KubernetesObject][]): Definitions =>
    new Map(objects.map(([key, object]) => [key, { resource: { object, by: 'a', at: '' }, revision: '1' }]));
  const namespace = '-/Namespace/-/metrics' as ResourceKey;
  const plain: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'metrics' } };

  test('an object that a person has set is left alone, and the add-on refused', async () => {
    const wishes = await readAddons([addon()]);
    expect(() => leftOver(wishes, stored([namespace, plain]))).toThrow(
      /add-on server has an object that was set by a person/,
    );
  });

  test('an add-on that is taken out leaves its definitions over, and nobody else’s', async () => {
    const wishes = await readAddons([addon()]);
    const mine = ['-/ConfigMap/default/mine' as ResourceKey, { ...plain, kind: 'ConfigMap' }] as const;
    const before = stored(...wishes, [...mine]);
    expect(leftOver(wishes, before)).toEqual([]);
    expect(leftOver(new Map(), before)).toEqual([...wishes.keys()]);
  });

  test('what is stored as it is pinned is not fetched again', async () => {
    const before = stored(...(await readAddons([addon()])));
    expect(splitAddons([addon({ source: 'https://away.example/' })], before)).toEqual({
      kept: new Set(['server']),
      toFetch: [],
    });
    expect(leftOver(new Map(), before, new Set(['server']))).toEqual([]);
  });

  test.each<[string, Partial<Addon>, number]>([
    ['another digest is declared', { sha256: '0'.repeat(64) }, 2],
    ['another image is declared', { images: { 'registry.k8s.io/server:v1': 'mirror.example/server:v1' } }, 2],
    ['an object is missing', {}, 1],
    ['nothing is stored', {}, 0],
  ])('%s: it is fetched', async (_words, fields, objects) => {
    const before = stored(...[...(await readAddons([addon()]))].slice(0, objects));
    expect(splitAddons([addon(fields)], before)).toEqual({ kept: new Set(), toFetch: [addon(fields)] });
  });

  test('two add-ons with the same object: the one that is stored keeps it', async () => {
    const before = stored(...(await readAddons([addon()])));
    const wishes = await readAddons([addon({ name: 'again' })]);
    expect(() => leftOver(wishes, before, new Set(['server']))).toThrow(/belongs to the add-on server/);
  });

  test('what a person has copied from an add-on’s object is the person’s', () => {
    const annotations = { 'cke.cybozu.com/addon': 'server', 'cke.cybozu.com/addon-pin': 'x-1', mine: 'yes' };
    const copy = definitionOf({ ...plain, metadata: { name: 'copy', annotations } });
    expect(copy.metadata.annotations).toEqual({ mine: 'yes' });
  });

  test('a person can neither set nor delete what belongs to an add-on', async () => {
    const before = stored(...(await readAddons([addon()])));
    expect(() => demandNoAddon([namespace], before)).toThrow(/belongs to the add-on server/);
    expect(() => demandNoAddon(['-/Namespace/-/other'], before)).not.toThrow();
  });
});

const addons = (...entries: string[]) => document({ x: `addons: [${entries.join(', ')}]` });
const pin = `sha256: ${'a1'.repeat(32)}`;

test('well-known ones need no source', () => {
  const [first] = accepted(addons(`{name: flannel, ${pin}}`)).addons;
  expect(first?.source).toMatch(/^https:\/\/github\.com\/flannel-io\/.*\.yml$/);
});

// prettier-ignore
const cases = [
  bad('A1', 'an add-on that nobody knows, without a source', { source: addons(`{name: mine, ${pin}}`), code: 'missing-field', path: '/addons/0/source' }),
  bad('A2', 'a chart without its manifests', { source: addons(`{name: cilium, ${pin}}`), code: 'missing-field', says: /helm template/ }),
  bad('A3', 'no digest', { source: addons('{name: flannel}'), code: 'required', path: '/addons/0/sha256' }),
  bad('A4', 'a digest with its prefix', { source: addons(`{name: flannel, sha256: 'sha256:${'a'.repeat(64)}'}`), code: 'invalid-text', path: '/addons/0/sha256' }),
  bad('A5', 'two of one name', { source: addons(`{name: flannel, ${pin}}`, `{name: flannel, ${pin}}`), code: 'duplicate', path: '/addons/1/name' }),
  bad('A6', 'another kind of address', { source: addons(`{name: flannel, ${pin}, source: 'ftp://a/b'}`), code: 'invalid-source' }),
];

describe('an add-on is declared badly', () => {
  judge(cases);
});
