import { enrolled } from '../../cluster/declaration/enrolled.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { DepartureActivities, NodeActivities } from '../contracts/steps.ts';
import type { NodeMandate } from '../contracts/mandates.ts';
import type { OwnCredentials } from '../credentials.ts';
import type { Fence } from '../fence.ts';
import type { Kubernetes } from '../kubernetes/kubernetes.ts';
import { serversOf } from '../kubernetes/servers-of.ts';
import { readLabels } from '../labels.ts';
import { fileContainerName } from '../node/our-names.ts';
import type { Store } from '../store/store.ts';
import type { BarePlace, Places } from './places.ts';
import { stopAndRemove } from './stop-and-remove.ts';

interface DeparturePorts {
  places: Places;
  fence: Fence;
  store: Pick<Store, 'records'>;
  kubernetes: Pick<Kubernetes, 'evictPods' | 'deleteNode' | 'schedulability'>;
  credentials: OwnCredentials;
}

/** What is done to nodes that have left the declaration. A node that is declared (again) is refused by `places.departed`. */
export function departureActivities(ports: DeparturePorts): DepartureActivities & Pick<NodeActivities, 'enrolNode'> {
  const { places, fence, store, kubernetes } = ports;
  return {
    async enrolNode(mandate) {
      const { node } = await places.at(mandate);
      await fence.mayAct(mandate);
      await store.records.enrolNode(mandate.cluster, mandate.node, enrolled(node), mandate);
    },

    async evictPods(mandate) {
      const { cluster, node } = mandate;
      const place = await (mandate.before === 'departure' ? places.departed(mandate) : places.at(mandate));
      const servers = await serversOf(ports.credentials, place.declaration);
      const known = (await store.records.all(cluster)).drains?.[node];
      const at = new Date().toISOString();
      const { since = at, before = await kubernetes.schedulability({ ...servers, node }) } = known ?? {};
      await fence.mayAct(mandate);
      // On record before it is cordoned: who comes after a crash would take that for a person's doing.
      await store.records.putDrain(cluster, node, { before, since, at, refused: known?.refused ?? [] }, mandate);
      const refused = await kubernetes.evictPods({ ...servers, node });
      await store.records.putDrain(cluster, node, { before, since, at, refused }, mandate);
    },

    async removeContainer(mandate) {
      const { docker } = await places.departed(mandate);
      const container = await docker.inspect(mandate.component);
      if (container === undefined || readLabels(container.labels).cluster !== mandate.cluster) return;
      await stopAndRemove({ docker, fence, mandate, containerId: container.id, seconds: 30 });
    },

    async deleteNodeObject(mandate) {
      const place = await places.departed(mandate);
      const servers = await serversOf(ports.credentials, place.declaration);
      await fence.mayAct(mandate);
      await kubernetes.deleteNode({ ...servers, node: mandate.node });
    },

    async removeFiles(mandate) {
      const place = await places.departed(mandate);
      await demandNoMember(ports, mandate);
      if ((await filesOf(place)) === 'none of ours') return;
      await fence.mayAct(mandate);
      await place.files.removeFileSets(mandate);
    },

    async removeFileContainer(mandate) {
      const { docker } = await places.departed(mandate);
      const container = await docker.inspect(fileContainerName);
      if (container === undefined || readLabels(container.labels).cluster !== mandate.cluster) return;
      await fence.mayAct(mandate);
      await docker.remove(container.id);
    },

    async forgetNode(mandate) {
      await places.departed(mandate);
      await demandNoMember(ports, mandate);
      await fence.mayAct(mandate);
      await store.records.removeNode(mandate.cluster, mandate.node, mandate);
    },
  };
}

/** Another cluster may have the machine by now, and one that was never prepared lacks even the image for a look. */
export async function filesOf({ docker, declaration }: BarePlace): Promise<'ours' | 'none of ours'> {
  const container = await docker.inspect(fileContainerName);
  if (container !== undefined)
    return readLabels(container.labels).cluster === declaration.name ? 'ours' : 'none of ours';
  return (await docker.hasImage(declaration.images.rivers)) ? 'ours' : 'none of ours';
}

/** W-08: as long as a membership is on record there may be a member, or its data. */
async function demandNoMember({ store }: DeparturePorts, { cluster, node }: NodeMandate): Promise<void> {
  const { record } = await store.records.getEtcdRecord(cluster);
  if (record.state === 'never' || record.memberships[node] === undefined) return;
  throw new CkeError({
    code: 'QuorumAtRisk',
    message: `${node} is not cleaned: its etcd member is on record still`,
    node,
    want: 'rule W-08 to hold',
    remedy: 'never',
  });
}
