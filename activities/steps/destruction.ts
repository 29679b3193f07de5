import { etcdDataDirectory } from '../../cluster/components/etcd.ts';
import { condemned, fateOf } from '../../cluster/destruction.ts';
import { CkeError } from '../../cluster/errors.ts';
import { demand } from '../../cluster/etcd/demand.ts';
import { mayGiveUp, trashName } from '../../cluster/etcd/directory.ts';
import type { EtcdRecord, Membership } from '../../cluster/observation.ts';
import type { DestructionActivities } from '../contracts/campaigns.ts';
import type { NodeMandate } from '../contracts/mandates.ts';
import type { AcceptedDeclarations } from '../declarations.ts';
import type { Fence } from '../fence.ts';
import { readLabels } from '../labels.ts';
import type { Store } from '../store/store.ts';
import { filesOf } from './departure.ts';
import type { BarePlace, Places } from './places.ts';
import { stopAndRemove } from './stop-and-remove.ts';

interface DestructionPorts {
  places: Places;
  fence: Fence;
  declarations: AcceptedDeclarations;
  store: Pick<Store, 'records' | 'destructions' | 'history'>;
  endUpkeep: (cluster: string) => Promise<void>;
}

const stopSeconds = 30;

/** More than there can be control planes. */
const conflicts = 10;

/** What is done to a cluster that a person gave up. `places.departed` refuses a declared node without the order on record. */
export function destructionActivities(ports: DestructionPorts): DestructionActivities {
  const { places, fence, declarations, store } = ports;
  return {
    async beginDestruction({ cluster, by, data }) {
      const order = await store.destructions.begin(cluster, { by, data });
      const { declaration } = await declarations.get(cluster, order.revision);
      const { epoch, revision } = order;
      return {
        epoch,
        revision,
        data: order.data,
        ...condemned(declaration, await store.records.all(cluster), order.left),
      };
    },

    async stopCondemnedMember(mandate) {
      const { docker } = await places.departed(mandate);
      const container = await docker.inspect('etcd');
      if (container === undefined || readLabels(container.labels).cluster !== mandate.cluster) return;
      demand(mayGiveUp({ cluster: await orderOn(ports, mandate) }), `stop etcd on ${mandate.node}`);
      await stopAndRemove({ docker, fence, mandate, containerId: container.id, seconds: stopSeconds });
    },

    async giveUpData(mandate) {
      const place = await places.departed(mandate);
      const membership = await membershipOf(ports, mandate);
      if (membership === undefined) return;
      if ((await filesOf(place)) === 'ours') await putAway(ports, { mandate, place, membership });
      await dropMembership(ports, mandate);
    },

    async confirmClean(mandate) {
      const { docker } = await places.departed(mandate);
      const ours = (await docker.list()).filter(({ labels }) => readLabels(labels).cluster === mandate.cluster);
      if (ours.length > 0)
        throw notClean(
          mandate,
          ours.map(({ name }) => name),
        );
    },

    async concludeDestruction({ cluster, revision, epoch, by, done, left }) {
      // Before it is on record: until then nobody can build another cluster of this name, whose upkeep would go.
      if (left.length === 0) await ports.endUpkeep(cluster);
      const { at, finishedAt = at } = await store.destructions.conclude(cluster, { left, epoch });
      const failed = left.map(({ node, because }) => ({
        step: `clean ${node}`,
        code: 'NodeUnreachable',
        message: because,
      }));
      const none = { rounds: 1, blockers: [], waits: [] };
      const report = { outcome: 'destroyed' as const, ...none, done, failed, revision, epoch };
      await store.history.append(cluster, { at: finishedAt, because: `${by} destroyed it`, requestedBy: by, report });
    },
  };
}

interface PutAway {
  mandate: Parameters<DestructionActivities['giveUpData']>[0];
  place: BarePlace;
  membership: Membership;
}

/** W-01, W-02: only behind the order on record, and only what no container uses; the trash goes when a person said purge. */
async function putAway(ports: DestructionPorts, { mandate, place, membership }: PutAway): Promise<void> {
  const { docker, files, declaration } = place;
  const { node, data, epoch } = mandate;
  const container = await docker.inspect('etcd');
  const state = container === undefined ? 'absent' : container.state === 'running' ? 'running' : 'stopped';
  demand(mayGiveUp({ cluster: await orderOn(ports, mandate), container: state }), `give up the etcd data of ${node}`);
  const from = etcdDataDirectory(declaration, membership.directory);
  await ports.fence.mayAct(mandate);
  if (data === 'purge') {
    await files.removeTree(from);
    await ports.fence.mayAct(mandate);
    await files.removeTree(etcdDataDirectory(declaration, 'trash'));
    return;
  }
  const memberId = membership.memberId ?? membership.directory;
  const name = trashName({ memberId, epoch, at: Math.floor(Date.now() / 1000) });
  await files.renamePath({ from, to: etcdDataDirectory(declaration, `trash/${name}`) });
}

async function membershipOf(
  { store }: DestructionPorts,
  { cluster, node }: NodeMandate,
): Promise<Membership | undefined> {
  const { record } = await store.records.getEtcdRecord(cluster);
  return record.state === 'never' ? undefined : record.memberships[node];
}

/** Compare and swap; nodes are taken apart side by side, so it is tried again where another came first. */
async function dropMembership({ store, fence }: DestructionPorts, mandate: NodeMandate): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { record, version } = await store.records.getEtcdRecord(mandate.cluster);
    if (record.state === 'never' || record.memberships[mandate.node] === undefined) return;
    const { [mandate.node]: _gone, ...memberships } = record.memberships;
    const changed: EtcdRecord = { ...record, memberships };
    await fence.mayAct(mandate);
    try {
      await store.records.putEtcdRecord(mandate.cluster, changed, { version, epoch: mandate.epoch });
    } catch (error) {
      if (attempt >= conflicts || !(error instanceof CkeError) || error.complaint.code !== 'StoreConflict') throw error;
    }
  }
}

async function orderOn({ store }: DestructionPorts, { cluster, epoch }: NodeMandate): Promise<'given up' | 'wanted'> {
  return fateOf(await store.destructions.get(cluster), epoch);
}

function notClean({ node }: NodeMandate, names: string[]): CkeError {
  return new CkeError({
    code: 'NotHealthy',
    message: `${node} is not clean: there is ${names.join(', ')} again`,
    node,
    fix: 'cke-client destroy once more',
    remedy: 'never',
  });
}
