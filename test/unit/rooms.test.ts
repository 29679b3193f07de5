import { describe, expect, test } from 'vitest';
import { importsIn, importsOf, loadedFrom, type Import } from './imports.ts';

const rooms = ['cluster', 'workflows', 'activities', 'worker', 'client', 'lab', 'test'];

/** DESIGN: which room may touch what. Arrows point one way; tests may import anything. */
const arrows: Record<string, { rooms: string[]; packages: RegExp }> = {
  cluster: { rooms: ['cluster'], packages: /^(zod|yaml|semver|ipaddr\.js)$/ },
  workflows: { rooms: ['workflows', 'cluster'], packages: /^@temporalio\/(workflow|common)$/ },
  activities: { rooms: ['activities', 'cluster'], packages: /^(?!@temporalio\/(workflow|worker)$)/ },
  worker: { rooms: ['worker', 'activities', 'workflows', 'cluster'], packages: /^/ },
  client: { rooms: ['client', 'activities', 'workflows', 'cluster'], packages: /^(?!@temporalio\/worker$)/ },
  lab: { rooms: ['lab'], packages: /^(?!@temporalio\/)/ },
};

/** The schema of cluster.yaml: read where text comes in, never in workflow code. */
const schemaFolder = 'cluster/declaration/';

const imports = importsOf(rooms);
const isTest = (file: string) => file.endsWith('.test.ts') || file.includes('/testing/');
const shipped = imports.filter(({ from }) => !isTest(from));
const roomOf = (file: string) => file.split('/')[0] ?? '';
const say = ({ from, to, use }: Import) => `${from} → ${to} (${use})`;

describe('which room may import which', () => {
  test.each(Object.entries(arrows))('%s imports only from where its arrows point', (room, { rooms: allowed }) => {
    const wrong = shipped.filter(
      ({ from, to, kind }) => kind === 'file' && roomOf(from) === room && !allowed.includes(roomOf(to)),
    );
    const mistakes = wrong.filter((one) => !isTypeOfActivities(one));
    expect(mistakes.map(say)).toEqual([]);
  });

  test.each(Object.entries(arrows))('%s uses only the packages that belong there', (room, { packages }) => {
    const wrong = shipped.filter(
      ({ from, to, kind }) => kind === 'package' && roomOf(from) === room && !packages.test(to),
    );
    expect(wrong.map(say)).toEqual([]);
  });

  test('zod and yaml stay in the folder of the declaration, within the domain', () => {
    const wrong = shipped.filter(
      ({ from, to }) => roomOf(from) === 'cluster' && /^(zod|yaml)$/.test(to) && !from.startsWith(schemaFolder),
    );
    expect(wrong.map(say)).toEqual([]);
  });

  test('there are files in every room, or these tests would prove nothing', () => {
    expect(rooms.map((room) => imports.filter(({ from }) => roomOf(from) === room).length)).not.toContain(0);
  });
});

describe('what is loaded together', () => {
  test.each([
    [
      'workflows/index.ts',
      /^(zod|yaml|node:.*|@temporalio\/(client|worker|activity))$|^(activities|worker|client|lab|test)\//,
    ],
    ['cluster/decide/decide.ts', /^(zod|yaml|node:.*|@temporalio\/.*)$/],
    ['workflows/steps/run-step.ts', /^(zod|yaml|node:.*|@temporalio\/.*)$/],
  ])('%s brings along nothing that it must not', (entry, forbidden) => {
    const wrong = [...loadedFrom(entry, imports)].filter(([loaded]) => forbidden.test(loaded));
    expect(wrong.map(([, chain]) => chain.join(' → '))).toEqual([]);
  });
});

/** Workflow code knows activities by their types alone. */
function isTypeOfActivities({ from, to, use }: Import): boolean {
  return roomOf(from) === 'workflows' && roomOf(to) === 'activities' && use === 'type';
}

describe('how imports are read', () => {
  test.each<[string, Partial<Import>[]]>([
    [`import { a } from './b.ts';`, [{ to: 'x/b.ts', kind: 'file', use: 'value' }]],
    [`import type { A } from '../y/b.ts';`, [{ to: 'y/b.ts', use: 'type' }]],
    [`import {\n  type A,\n  type B,\n} from './b.ts';`, [{ to: 'x/b.ts', use: 'type' }]],
    [`import { type A, b } from './b.ts';`, [{ to: 'x/b.ts', use: 'value' }]],
    [`import zod from 'zod/mini';`, [{ to: 'zod', kind: 'package' }]],
    [`import '@temporalio/worker/lib/x';`, [{ to: '@temporalio/worker', use: 'value' }]],
    [`export { a } from './b.ts';\nexport const from = 'here';`, [{ to: 'x/b.ts', use: 'value' }]],
    [`const one = await import('./b.ts');`, [{ to: 'x/b.ts', use: 'value' }]],
  ])('%s', (text, wanted) => {
    expect(importsIn('x/a.ts', text)).toEqual(wanted.map((one) => expect.objectContaining(one) as unknown));
  });
});
