import { etcdNodes } from '../cluster/decide/etcd-nodes.ts';
import { knownNode } from '../cluster/declaration/enrolled.ts';
import { controlPlaneNames } from '../cluster/declaration/nodes.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import { CkeError } from '../cluster/errors.ts';
import { quorum } from '../cluster/etcd/quorum.ts';
import { mayRestore, type RestoreFacts } from '../cluster/etcd/restore.ts';
import type { EtcdRecord, Membership } from '../cluster/observation.ts';
import { openSnapshotFile } from './backups/snapshot-file.ts';
import type { RestoreActivities, RestoreOrder } from './contracts/operations.ts';
import type { OwnCredentials } from './credentials.ts';
import type { AcceptedDeclarations } from './declarations.ts';
import type { EtcdClusters } from './etcd/clusters.ts';
import type { Nodes } from './node/nodes.ts';
import { nodeTarget } from './node/target.ts';
import { access } from './steps/etcd-access.ts';
import { founding } from './steps/membership/first-membership.ts';
import type { Store } from './store/store.ts';

interface RestorePorts {
  store: Pick<Store, 'records' | 'epochs'>;
  declarations: AcceptedDeclarations;
  etcd: Pick<EtcdClusters, 'observe'>;
  nodes: Pick<Nodes, 'docker'>;
  credentials: OwnCredentials;
}

type Begun = Exclude<EtcdRecord, { state: 'never' }>;

/** Ordering a restore changes the record only; the next operation carries it out (reliability §3.7: record first). */
export function restoreActivities(ports: RestorePorts): RestoreActivities {
  const { store, declarations } = ports;
  return {
    async beginRestore(order) {
      const { cluster, place, by } = order;
      const { declaration } = await declarations.get(cluster, 'latest');
      const snapshot = await openSnapshotFile(place);
      const { record, version } = await store.records.getEtcdRecord(cluster);
      const known = demandBorn(cluster, record);
      if (known.state === 'started' && known.restore?.digest === snapshot.digest) {
        if (known.restore.place === place) return;
        // The same data from another place: the worker has moved, or the file has.
        const moved: EtcdRecord = { ...known, restore: { ...known.restore, place } };
        await store.records.putEtcdRecord(cluster, moved, { version, epoch: await store.epochs.current(cluster) });
        return;
      }
      demandAllowed(order, await factsOf(ports, declaration, { order, known }));
      // Whoever works on the cluster stops at its next effect: what it still did would not be in the new one.
      const epoch = await store.epochs.acquire(cluster);
      const { token, memberships } = founding(declaration);
      const restored: EtcdRecord = {
        state: 'started',
        token,
        memberships: { ...leftBehind(declaration, known), ...memberships },
        restore: { place, digest: snapshot.digest, by, at: new Date().toISOString(), before: directoriesOf(known) },
      };
      await store.records.putEtcdRecord(cluster, restored, { version, epoch });
    },
  };
}

/** Members on nodes that are no control planes any more are in no list from now on: what is left of them is put away on contact (R6). */
function leftBehind(declaration: Declaration, { memberships }: Begun): Record<string, Membership> {
  const masters = new Set(controlPlaneNames(declaration));
  const others = Object.entries(memberships).filter(([name]) => !masters.has(name));
  return Object.fromEntries(others.map(([name, one]) => [name, { ...one, state: 'removed' as const }]));
}

/** Of the cluster that had data: those of a restore that was not finished are nobody's. */
function directoriesOf({ state, memberships, restore }: Begun): Record<string, string> {
  if (state === 'started' && restore !== undefined) return restore.before;
  return Object.fromEntries(Object.entries(memberships).map(([node, { directory }]) => [node, directory]));
}

interface Asked {
  order: RestoreOrder;
  known: Begun;
}

/** Each control plane is looked at: one that can't be might have the quorum on its side. @throws CkeError NodeUnreachable and its kin */
async function factsOf(ports: RestorePorts, declaration: Declaration, { order, known }: Asked): Promise<RestoreFacts> {
  const { loss } = order;
  const rest = { snapshotRevision: undefined, currentRevision: undefined, loss };
  const records = await ports.store.records.all(declaration.name);
  const masters = new Set(controlPlaneNames(declaration));
  const states = await Promise.all(
    etcdNodes(declaration, records).map(async ({ name }) => {
      const node = knownNode(declaration, name, records.nodes);
      if (node === undefined) return [];
      const asked = ports.nodes.docker(nodeTarget(declaration, node)).inspect('etcd');
      // One that leaves may be gone for good; one that is silent may have the quorum on its side.
      const running = asked.then((container) => container?.state === 'running');
      return (await (masters.has(name) ? running : running.catch(() => true))) ? [name] : [];
    }),
  );
  const running = states.flat();
  const etcd = await ports.etcd.observe(await access(ports, declaration));
  if (etcd.state === 'observed') {
    // A list was read through a quorum just now: who can't be asked from here, and runs, is not lost.
    const voters = etcd.members.filter(({ role }) => role === 'voter');
    const alive = voters.filter(
      ({ sync, node, alarms }) =>
        sync === 'synced' || (!alarms.includes('CORRUPT') && node !== undefined && running.includes(node)),
    );
    return { ...rest, voters: { synced: alive.length, total: voters.length } };
  }
  const total = Object.values(known.memberships).filter(({ state }) => state !== 'removed').length;
  // A majority that runs and can't be asked may have its quorum: somebody has to look at that first. One of those on record may be a
  // learner, which has no vote.
  if (running.length >= quorum(Math.max(1, total - 1))) return { ...rest, voters: undefined, running };
  return { ...rest, voters: { synced: running.length, total } };
}

/** @throws CkeError QuorumAtRisk */
function demandAllowed({ cluster }: RestoreOrder, facts: RestoreFacts): void {
  const verdict = mayRestore(facts);
  if (verdict.kind === 'allowed') return;
  throw new CkeError({
    code: 'QuorumAtRisk',
    message: `etcd of ${cluster} is not restored: ${verdict.because}`,
    fix:
      verdict.rule === '74'
        ? 'add --accept-loss, if what came after the snapshot may be lost'
        : 'cke-client status tells how its members are; etcd that still has its quorum needs no restore',
    remedy: 'never',
  });
}

function demandBorn(cluster: string, record: EtcdRecord): Begun {
  if (record.state === 'done' || (record.state === 'started' && record.restore !== undefined)) return record;
  throw new CkeError({
    code: 'InvalidRequest',
    message: `${cluster} has no etcd yet that could be restored`,
    fix: 'cke-client reconcile --wait builds one',
    remedy: 'never',
  });
}
