import { expect, test } from 'vitest';
import { dnsHealth } from './dns-health.ts';

test('how much of DNS serves is what the workloads say of themselves', () => {
  const live = new Map<string, unknown>([
    ['Deployment/kube-system/cluster-dns', { spec: { replicas: 2 }, status: { readyReplicas: 1 } }],
    ['DaemonSet/kube-system/node-dns', { status: { numberReady: 4, desiredNumberScheduled: 5 } }],
  ]);
  expect(dnsHealth(live)).toEqual({ cluster: { ready: 1, wanted: 2 }, nodes: { ready: 4, wanted: 5 } });
});

test('before there is any of it nothing serves', () => {
  expect(dnsHealth(new Map())).toEqual({ cluster: { ready: 0, wanted: 0 }, nodes: { ready: 0, wanted: 0 } });
});
