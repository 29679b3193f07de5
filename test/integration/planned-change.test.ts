import { afterAll, describe, expect, test } from 'vitest';
import { identityOf } from '../../activities/plan-identity.ts';
import { acceptPlanned, ifAccepted } from '../../activities/planned-change.ts';
import { decide } from '../../cluster/decide/decide.ts';
import { converged } from '../../cluster/decide/testing/fleet.ts';
import { all, stopped } from '../../cluster/decide/testing/situations.ts';
import type { Observation } from '../../cluster/observation.ts';
import type { PlannedChange } from '../../cluster/saved-plan.ts';
import { approvalFacts } from '../../activities/approvals.ts';
import { newCluster, startTestStore } from '../fixtures/test-store.ts';

const { store, down } = await startTestStore();
afterAll(down);

const machines = [
  ...[11, 12, 13].map((octet) => ['cp', octet] as const),
  ...[21, 22, 23].map((octet) => ['worker', octet] as const),
];

const text = (cluster: string, maxConcurrent: number) => `name: ${cluster}
nodes:
${machines.map(([role, octet]) => `  - {address: 10.0.0.${octet}, hostname: ${role}-${octet % 10}, user: cke, control_plane: ${role === 'cp'}}`).join('\n')}
service_subnet: 10.96.0.0/16
pod_subnet: 10.244.0.0/16
update_strategy: {max_concurrent_updates: ${maxConcurrent}}
`;

const { observation: asItWas } = converged();
const asItIs: Observation = all(stopped('kubelet', 'worker-1'))(converged()).observation;

/** What a look finds to do for a text, and what it would be accepted as. */
async function looked(cluster: string, declaration: string, observation: Observation) {
  const latest = await store.declarations.get(cluster, 'latest');
  const wished = ifAccepted({ cluster, latest, text: declaration });
  const approvals = approvalFacts([], wished.revision, new Date());
  const plan = decide({ declaration: wished.declaration, observation, setAside: [], approvals });
  return { plan, revision: wished.revision };
}

/** What `plan --out` saves for a text when the world is as it was. */
async function planned(cluster: string, declaration: string): Promise<PlannedChange> {
  const { plan, revision } = await looked(cluster, declaration, asItWas);
  const identity = identityOf({ plan, observation: asItWas, revision, text: declaration });
  const rest = { version: 1, madeAt: new Date().toISOString(), by: 'alice' } as const;
  return { ...rest, cluster, declaration, revision, identity };
}

/** Returns the revision that is accepted then. */
async function offer(saved: PlannedChange, observation: Observation): Promise<number | undefined> {
  const look = await looked(saved.cluster, saved.declaration, observation);
  await acceptPlanned({ store, saved, ...look, observation });
  return (await store.declarations.get(saved.cluster, 'latest'))?.revision;
}

describe('a saved plan and its declaration', () => {
  test('is accepted while the world is as it was, and once more by an attempt that does not know of the first', async () => {
    const cluster = newCluster();
    await store.declarations.put(cluster, text(cluster, 1), { by: 'bob' });
    const saved = await planned(cluster, text(cluster, 2));
    expect(await offer(saved, asItWas)).toBe(2);
    expect(await store.declarations.get(cluster, 'latest')).toMatchObject({ revision: 2, by: 'alice' });
    expect(await offer(saved, asItWas)).toBe(2);
  });

  test('is refused when a node has changed since: nothing is accepted', async () => {
    const cluster = newCluster();
    await store.declarations.put(cluster, text(cluster, 1), { by: 'bob' });
    const saved = await planned(cluster, text(cluster, 2));
    await expect(offer(saved, asItIs)).rejects.toThrow('worker-1 is not as it was when the plan was made');
    expect((await store.declarations.get(cluster, 'latest'))?.revision).toBe(1);
  });

  test('is refused when somebody applied something else since', async () => {
    const cluster = newCluster();
    await store.declarations.put(cluster, text(cluster, 1), { by: 'bob' });
    const saved = await planned(cluster, text(cluster, 2));
    await store.declarations.put(cluster, text(cluster, 3), { by: 'bob' });
    await expect(offer(saved, asItWas)).rejects.toThrow('applied by somebody else');
    expect((await store.declarations.get(cluster, 'latest'))?.by).toBe('bob');
  });

  test('may be the first of a cluster', async () => {
    const cluster = newCluster();
    expect(await offer(await planned(cluster, text(cluster, 1)), asItWas)).toBe(1);
  });
});
