import { expect, test } from 'vitest';
import { nodeOf } from './nodes.ts';

test.each([
  ['no condition yet', undefined, 'unknown', 'its kubelet has not reported yet'],
  ['Ready', { status: 'True', message: 'kubelet is posting ready status' }, 'true', 'kubelet is posting ready status'],
  ['not Ready', { status: 'False', message: 'cni plugin not initialized' }, 'false', 'cni plugin not initialized'],
  [
    'silent',
    { status: 'Unknown', message: 'Kubelet stopped posting node status.' },
    'unknown',
    'Kubelet stopped posting node status.',
  ],
])('a node that is %s', (_, condition, ready, readyMessage) => {
  const conditions = condition === undefined ? [] : [{ type: 'Ready', ...condition }];
  expect(nodeOf({ metadata: { name: 'a' }, status: { conditions } })).toMatchObject({ ready, readyMessage });
});

test('a node tells since when it is as it is', () => {
  const lastTransitionTime = new Date('2026-01-01T00:00:00Z');
  const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime }];
  expect(nodeOf({ metadata: { name: 'a' }, status: { conditions } }).readySince).toBe('2026-01-01T00:00:00.000Z');
});

test('taints have a value, if an empty one; a cordoned node is not schedulable', () => {
  const node = nodeOf({
    metadata: { name: 'a', labels: { x: '1' } },
    spec: { unschedulable: true, podCIDR: '10.244.1.0/24', taints: [{ key: 'k', effect: 'NoSchedule' }] },
  });
  expect(node).toMatchObject({
    name: 'a',
    schedulable: 'no',
    podCidr: '10.244.1.0/24',
    taints: [{ key: 'k', value: '', effect: 'NoSchedule' }],
    annotations: {},
  });
});
