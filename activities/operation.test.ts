import { expect, test, vi } from 'vitest';
import { converged, declare } from '../cluster/decide/testing/fleet.ts';
import { operationActivities } from './operation.ts';

const { declaration, observation } = converged(declare());
vi.mock('./observe/observe-cluster.ts', () => ({ observeCluster: async () => observation }));

type Ports = Parameters<typeof operationActivities>[0];

function operation(pause?: { by: string; because: string; at: string }) {
  const store = {
    epochs: { assertCurrent: async () => undefined },
    approvals: { spend: async () => undefined, list: async () => [] },
    pauses: { get: async () => pause },
  };
  const declarations = { get: async () => ({ declaration, revision: 1 }) };
  const activities = operationActivities({ store, declarations, observe: {} } as unknown as Ports);
  return activities.observeAndDecide({ cluster: 'test', epoch: 7, setAside: [], requestedBy: 'timer' });
}

test('every look reads whether the cluster is paused, and says by whom (E-07)', async () => {
  const pause = { by: 'alice', because: 'a move', at: '2026-01-01T00:00:00Z' };
  expect((await operation(pause)).paused).toEqual({ by: 'alice', because: 'a move' });
  expect((await operation()).paused).toBeUndefined();
});
