import { expect, test } from 'vitest';
import { apiEndpointsObject, apiEndpointSlice } from './api-endpoints.ts';
import { builtInObjects } from './built-in-objects.ts';
import { differs } from './differs.ts';
import { objectKey, type KubernetesObject } from './kubernetes-object.ts';

const wanted: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'kube-system', labels: { app: 'a' } },
  data: { key: 'value' },
  list: [{ name: 'x', port: 1 }],
};

const live = (change: object) => ({ ...structuredClone(wanted), ...change });

test.each<[string, unknown, string | undefined]>([
  ['the same', live({}), undefined],
  ['fields of others', live({ status: {}, data: { key: 'value', other: 'theirs' } }), undefined],
  ['fields of others within a list', live({ list: [{ name: 'x', port: 1, protocol: 'TCP' }] }), undefined],
  ['nothing there', undefined, 'it is missing'],
  ['another value', live({ data: { key: 'theirs' } }), 'data.key is "theirs" instead of "value"'],
  ['a value that is gone', live({ data: {} }), 'data.key is missing instead of "value"'],
  ['a label that is gone', live({ metadata: { name: 'a', namespace: 'kube-system' } }), 'metadata.labels is missing'],
  ['one entry more', live({ list: [{ name: 'x', port: 1 }, { name: 'y' }] }), 'list has 2 entries instead of 1'],
  ['an entry that differs', live({ list: [{ name: 'x', port: 2 }] }), 'list[0].port is 2 instead of 1'],
])('%s', (_, object, expected) => {
  expect(differs(wanted, object)).toBe(expected);
});

test('built-in objects have keys of their own', () => {
  expect(builtInObjects().map(objectKey)).toEqual([
    'ClusterRole/system:kube-apiserver-to-kubelet',
    'ClusterRoleBinding/system:kube-apiserver',
  ]);
});

test('endpoints that are not ready are listed as such, in order of address', () => {
  const endpoints = { ready: ['10.0.0.13', '10.0.0.11'], notReady: ['10.0.0.12'] };
  expect(apiEndpointsObject(endpoints)['subsets']).toEqual([
    {
      addresses: [{ ip: '10.0.0.13' }, { ip: '10.0.0.11' }],
      notReadyAddresses: [{ ip: '10.0.0.12' }],
      ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
    },
  ]);
  expect(apiEndpointSlice(endpoints)['endpoints']).toEqual([
    { addresses: ['10.0.0.11'], conditions: { ready: true } },
    { addresses: ['10.0.0.12'], conditions: { ready: false } },
    { addresses: ['10.0.0.13'], conditions: { ready: true } },
  ]);
});

test('without any endpoint there is no subset: the API refuses an empty one', () => {
  expect(apiEndpointsObject({ ready: [], notReady: [] })['subsets']).toEqual([]);
});
