import { expect, test } from 'vitest';
import { apiEndpointsObject, apiEndpointSlice } from './api-endpoints.ts';

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

test('one that is about to go serves whoever finds nobody else', () => {
  const slice = apiEndpointSlice({ ready: ['10.0.0.11'], notReady: ['10.0.0.12'], draining: ['10.0.0.12'] });
  expect(slice['endpoints']).toEqual([
    { addresses: ['10.0.0.11'], conditions: { ready: true } },
    { addresses: ['10.0.0.12'], conditions: { ready: false, serving: true, terminating: true } },
  ]);
});

test('without any endpoint there is no subset: the API refuses an empty one', () => {
  expect(apiEndpointsObject({ ready: [], notReady: [] })['subsets']).toEqual([]);
});
