import { describe, expect, test } from 'vitest';
import { readDocuments } from './documents.ts';

const read = (text: string) => readDocuments(text, 'web.yaml');

const named = (text: string) =>
  read(text).objects.map(({ object, where }) => `${where}: ${object.kind} ${object.metadata.name}`);

describe('what is found in a file', () => {
  test('several documents, empty ones among them', () => {
    const text = `---
# nothing but a comment
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
---
{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "b"}}
`;
    expect(named(text)).toEqual(['web.yaml, document 2: ConfigMap a', 'web.yaml, document 3: Secret b']);
  });

  test('the items of a list', () => {
    const item = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    const list = { apiVersion: 'v1', kind: 'List', items: [item('a'), item('b')] };
    expect(named(JSON.stringify(list))).toEqual(['web.yaml, item 1: ConfigMap a', 'web.yaml, item 2: ConfigMap b']);
  });

  test('modes are octal and times are texts, as kubectl has them', () => {
    const [found] = read(`
apiVersion: v1
kind: Thing
metadata: {name: a}
mode: 0644
at: 2026-01-01
clock: 22:30
on: yes
`).objects;
    expect(found?.object).toMatchObject({ mode: 420, at: '2026-01-01', clock: '22:30' });
  });

  test('what Helm runs for a test only is left out, and said to be', () => {
    const hook = (when: string) => `
apiVersion: v1
kind: Pod
metadata: {name: a, annotations: {helm.sh/hook: "${when}"}}
`;
    expect(read(hook('test')).objects).toEqual([]);
    expect(read(hook('test')).notes).toEqual(['web.yaml: Pod a is left out: Helm runs it at test only']);
    expect(read(hook('pre-install,test')).objects).toHaveLength(1);
  });

  test('a key that stands there twice is told, and the last one counts', () => {
    const { objects, notes } = read(`
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  key: one
  key: two
`);
    expect(objects[0]?.object).toMatchObject({ data: { key: 'two' } });
    expect(notes).toEqual(['web.yaml: a key stands there twice (line 7); the last one counts']);
  });
});

const head = 'apiVersion: v1\nkind: ConfigMap\n';

test.each<[string, string, string]>([
  [
    'no apiVersion',
    'kind: ConfigMap\nmetadata: {name: a}',
    'apiVersion: want a text such as v1 or apps/v1, got nothing',
  ],
  ['no kind', 'apiVersion: v1\nmetadata: {name: a}', 'kind: want a text such as ConfigMap, got nothing'],
  ['no metadata', head, 'metadata: want a mapping with a name, got nothing'],
  ['no name', `${head}metadata: {}`, 'metadata.name: want a name without slashes, got nothing'],
  [
    'generateName',
    `${head}metadata: {generateName: a-}`,
    'generateName makes another object each time: give it a name',
  ],
  [
    'a name that leaves its place',
    `${head}metadata: {name: a/b}`,
    'metadata.name: want a name without slashes, got "a/b"',
  ],
  [
    'a namespace that is none',
    `${head}metadata: {name: a, namespace: A}`,
    'metadata.namespace: want lower-case letters',
  ],
  ['a label that is no text', `${head}metadata: {name: a, labels: {on: 1}}`, 'got 1; put it in quotes'],
  ['no object at all', '- 1', 'want an object with apiVersion, kind and metadata, got a list'],
  ['no YAML', 'a: [', 'web.yaml: no YAML: '],
])('%s is refused, with its place', (_, text, problem) => {
  const { objects, problems } = read(text);
  expect(objects).toEqual([]);
  expect(problems.join()).toContain(problem);
  expect(problems.join()).toContain('web.yaml');
});
