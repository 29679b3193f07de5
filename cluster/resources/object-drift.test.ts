import { expect, test } from 'vitest';
import type { FieldSet } from './field-set.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { objectDrift } from './object-drift.ts';

const wanted: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Example',
  metadata: { name: 'a', namespace: 'kube-system', labels: { app: 'a' } },
  data: { key: 'value' },
  containers: [{ name: 'x', image: 'x:1' }],
  atomic: [{ operator: 'Exists' }],
};

const ours: FieldSet = {
  'f:metadata': { 'f:labels': { 'f:app': {} } },
  'f:data': { 'f:key': {} },
  'f:containers': { 'k:{"name":"x"}': { '.': {}, 'f:name': {}, 'f:image': {} } },
  'f:atomic': {},
};

interface Live {
  change?: object;
  owned?: FieldSet;
  others?: object[];
}

function live({ change = {}, owned = ours, others = [] }: Live = {}): object {
  const { metadata, ...rest } = structuredClone(wanted);
  const managedFields = [...others, { manager: 'cke', operation: 'Apply', fieldsV1: owned }];
  return { ...rest, metadata: { ...metadata, managedFields }, ...change };
}

const editor = { manager: 'kubectl-edit', operation: 'Update', fieldsV1: { 'f:data': { 'f:key': {} } } };
const two = [{ name: 'y' }, { name: 'x', image: 'x:1' }];

test.each<[string, unknown, string | undefined]>([
  ['the same', live(), undefined],
  ['nothing there', undefined, 'it is missing'],
  ['made by hand', { ...wanted }, 'it was made by somebody else'],
  ['fields of others', live({ change: { status: {}, data: { key: 'value', other: 'theirs' } } }), undefined],
  ['another one’s entry before ours', live({ change: { containers: two } }), undefined],
  ['a default beside ours', live({ change: { atomic: [{ operator: 'Exists', effect: '' }] } }), undefined],
  ['another value', live({ change: { data: { key: 'theirs' } } }), 'data.key is "theirs" instead of "value"'],
  ['a value that is gone', live({ change: { data: {} } }), 'data.key is missing instead of "value"'],
  [
    'another value, and who set it',
    live({ change: { data: { key: 'theirs' } }, others: [editor] }),
    'data.key is "theirs" instead of "value" (set by kubectl-edit)',
  ],
  ['an entry that is gone', live({ change: { containers: [{ name: 'y' }] } }), 'containers[0] is missing'],
  [
    'an entry that differs',
    live({ change: { containers: [{ name: 'y' }, { name: 'x', image: 'x:2' }] } }),
    'containers[0].image is "x:2" instead of "x:1"',
  ],
  ['one more in a list that is one', live({ change: { atomic: [{}, {}] } }), 'atomic has 2 entries instead of 1'],
  [
    'a field that we set in an older release',
    live({ owned: { ...ours, 'f:data': { 'f:key': {}, 'f:old': {} } } }),
    'data.old is not wanted any more',
  ],
  [
    'an entry that we set in an older release',
    live({ owned: { ...ours, 'f:containers': { 'k:{"name":"x"}': {}, 'k:{"name":"y"}': {} } } }),
    'containers[{"name":"y"}] is not wanted any more',
  ],
])('%s', (_, object, expected) => {
  expect(objectDrift(wanted, object)).toBe(expected);
});
