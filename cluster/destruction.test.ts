import { expect, test } from 'vitest';
import { condemned } from './destruction.ts';
import { mayGiveUp } from './etcd/directory.ts';
import { declare } from './decide/testing/fleet.ts';

const declaration = declare({ controlPlanes: 3, workers: 2 });
const ssh = { port: 22 };
const gone = { address: '10.0.9.9', user: 'cke', control_plane: false, ssh };
const member = { directory: 'm-1', state: 'settled' as const };

test.each<[string, Parameters<typeof condemned>[1], Parameters<typeof condemned>[2], ReturnType<typeof condemned>]>([
  [
    'all that are declared',
    { etcd: { state: 'never' } },
    undefined,
    { workers: ['worker-1', 'worker-2'], controlPlanes: ['cp-1', 'cp-2', 'cp-3'] },
  ],
  [
    'and one that left and was not cleaned; with a member of etcd it counts as a control plane',
    { etcd: { state: 'done', token: 't', memberships: { 'worker-2': member } }, nodes: { old: gone } },
    undefined,
    { workers: ['worker-1', 'old'], controlPlanes: ['cp-1', 'cp-2', 'cp-3', 'worker-2'] },
  ],
  [
    'only what an earlier attempt had to leave',
    { etcd: { state: 'never' } },
    [{ node: 'worker-2', because: 'no answer' }],
    { workers: ['worker-2'], controlPlanes: [] },
  ],
])('who is taken apart? %s', (_, records, left, wanted) => {
  expect(condemned(declaration, records, left)).toEqual(wanted);
});

test.each([
  ['without an order on record', { cluster: 'wanted', container: 'absent' }, 'refused'],
  ['while etcd runs on it', { cluster: 'given up', container: 'running' }, 'refused'],
  ['while nobody knows whether etcd runs on it', { cluster: 'given up', container: 'unknown' }, 'unknown'],
  ['on a person’s order, etcd stopped', { cluster: 'given up', container: 'stopped' }, 'allowed'],
] as const)('W-01: may the data of a member that counts be given up? %s', (_, facts, kind) => {
  expect(mayGiveUp(facts).kind).toBe(kind);
});
