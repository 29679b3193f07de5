import { expect, test } from 'vitest';
import type { OperationReport } from '../cluster/plan.ts';
import type { ClusterView } from '../cluster/view.ts';
import { type ClusterSituation, statusExitCode } from './commands/status.ts';
import { plain } from './paint.ts';
import { statusText } from './status-text.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const look = { paint: plain, now };
const report: OperationReport = {
  outcome: 'converged',
  rounds: 1,
  done: [],
  failed: [],
  blockers: [],
  waits: [],
  revision: 3,
  epoch: 7,
};
const view: ClusterView = {
  at: '2026-01-01T00:10:00Z',
  cluster: 'prod',
  revision: 3,
  nodes: [
    {
      name: 'cp-1',
      address: '10.0.0.11',
      role: 'control-plane',
      reachable: 'yes',
      ready: 'true',
      kubeletVersion: 'v1.34.4',
      components: [{ component: 'etcd', state: 'running', upSeconds: 9, health: 'healthy' }],
    },
    {
      name: 'w-1',
      address: '10.0.0.21',
      role: 'worker',
      reachable: { because: 'no answer on port 22' },
      ready: 'unknown',
      components: [],
    },
  ],
  etcd: { state: 'observed', members: [{ node: 'cp-1', id: '1', role: 'voter', sync: 'synced', leader: 'leader' }] },
  kubernetes: 'observed',
  dns: { cluster: { ready: 1, wanted: 2 }, nodes: { ready: 2, wanted: 2 } },
};
const calm: ClusterSituation = {
  cluster: 'prod',
  at: '2026-01-01T00:10:00Z',
  revision: 3,
  status: {
    cluster: 'prod',
    state: 'idle',
    requestedTicket: 2,
    completedTicket: 2,
    because: 'alice asked',
    lastReport: report,
    lastFinishedAt: '2026-01-01T00:09:30Z',
    intervalSeconds: 60,
  },
  retries: [],
  rotations: [],
  view,
  unknown: [],
};

test('how is the cluster? Every node has its row, an unreachable one its reason', () => {
  expect(statusText(calm, look)).toBe(
    [
      'cluster    prod, declaration revision 3',
      'state      at rest; looks by itself every 1 min',
      'last       converged: nothing had to be done; the cluster is as declared (revision 3), 30 s ago',
      '',
      'NODE  ADDRESS    ROLE           REACHABLE  READY    KUBELET  COMPONENTS',
      'cp-1  10.0.0.11  control-plane  yes        yes      v1.34.4  all 1 as declared',
      'w-1   10.0.0.21  worker         no         unknown  -        no answer on port 22',
      '',
      'etcd       1 of 1 voter in sync, leader cp-1',
      'dns        1 of 2 CoreDNS, cache on 2 of 2 nodes',
      '',
      'Next: cke-client why w-1',
    ].join('\n'),
  );
});

test('paused: by whom, since when, why, and how to go on', () => {
  const text = statusText({ ...calm, paused: { by: 'bob@ops', because: 'disks', at: '2026-01-01T00:08:00Z' } }, look);
  expect(text).toContain('paused     by bob@ops 2 min ago: disks');
  expect(text).toContain('Next: cke-client resume');
});

test('what cannot be asked is said, never left out, and is no success', () => {
  const { view: _view, ...blind } = calm;
  const situation = { ...blind, unknown: ['nodes: no worker picked this up yet'] };
  expect(statusText(situation, look)).toContain('Not known:\n  nodes: no worker picked this up yet');
  expect(statusExitCode(situation)).toBe(3);
  expect(statusExitCode(calm)).toBe(0);
});

test('an obstacle stands there with its cure', () => {
  const blocker = {
    gate: 'vault',
    code: 'VaultSealed' as const,
    because: 'Vault is sealed',
    fix: 'vault operator unseal',
  };
  const blocked = { ...report, outcome: 'blocked' as const, blockers: [blocker] };
  const situation = { ...calm, status: { ...calm.status!, lastReport: blocked } };
  expect(statusText(situation, look)).toContain(
    'In the way:\n  Vault is sealed (VaultSealed)\n    fix  vault operator unseal',
  );
  expect(statusExitCode(situation)).toBe(3);
});

test('is the latest backup told, and does one that failed ask for a look?', () => {
  const latest = { at: '2026-01-01T00:05:00Z', clusterId: 'c', revision: '4711', bytes: 21_400_000, place: 'm:/a.db' };
  const kept = { ...calm, backups: { kept: [latest] } };
  expect(statusText(kept, look)).toContain('backup     5 min ago: revision 4711, 21.4 MB, m:/a.db');
  expect(statusExitCode(kept)).toBe(0);
  const failed = { at: '2026-01-01T00:09:00Z', because: 'none of its voters is in sync' };
  const broken = { ...calm, backups: { kept: [latest], failed } };
  expect(statusText(broken, look)).toContain(
    'backup     failed 1 min ago: none of its voters is in sync; the latest is 5 min ago',
  );
  expect(statusExitCode(broken)).toBe(3);
});
