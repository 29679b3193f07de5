import { describe, expect, test } from 'vitest';
import { addressesOf, labId, networkOf, nextNodeAddress, nodeNames, preferredSlot, slots } from './addresses.ts';

describe('where does a lab live?', () => {
  test('no two slots share a port or a subnet', () => {
    const all = Array.from({ length: slots }, (_, slot) => addressesOf({ slot }));
    const ports = all.flatMap((lab) => Object.values(lab.ports));
    expect(new Set(ports).size).toBe(ports.length);
    expect(new Set(all.map(({ subnet }) => subnet)).size).toBe(slots);
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });

  test('a lab finds its slot and id again', () => {
    expect(preferredSlot('/a/.lab/demo')).toBe(preferredSlot('/a/.lab/demo'));
    expect(labId('/a/.lab/demo')).not.toBe(labId('/b/.lab/demo'));
    expect(labId('/a/.lab/demo')).toHaveLength(6);
  });

  test('subnet and ports can be chosen', () => {
    const chosen = addressesOf({ slot: 3, network: '192.168.50', portBase: 9000 });
    expect(chosen).toMatchObject({ subnet: '192.168.50.0/24', gateway: '192.168.50.1' });
    expect(chosen.ports).toMatchObject({ temporal: 9000, workerMetrics: 9010 });
  });
});

test.each([
  ['10.88.7.0/24', '10.88.7'],
  ['10.88.7.0/16', undefined],
  ['10.88.300.0/24', undefined],
  ['10.88.7.1/24', undefined],
])('is %s a subnet for a lab?', (subnet, network) => {
  expect(networkOf(subnet)).toBe(network);
});

describe('which address does a new node get?', () => {
  test('the first free one', () => {
    expect(nextNodeAddress('10.88.7.0/24', [])).toBe('10.88.7.11');
    expect(nextNodeAddress('10.88.7.0/24', ['10.88.7.11', '10.88.7.13'])).toBe('10.88.7.12');
  });

  test('none when all are taken', () => {
    const used = Array.from({ length: 240 }, (_, i) => `10.88.7.${i + 11}`);
    expect(() => nextNodeAddress('10.88.7.0/24', used)).toThrow(/no free address/);
  });
});

test('nodes are named after their intended role', () => {
  expect(nodeNames({ controlPlanes: 3, workers: 2, spares: 1 })).toEqual([
    'cp-1',
    'cp-2',
    'cp-3',
    'worker-1',
    'worker-2',
    'spare-1',
  ]);
});
