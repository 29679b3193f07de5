import { etcdDataDirectory, peerUrl } from '../../../cluster/components/etcd.ts';
import { demand } from '../../../cluster/etcd/demand.ts';
import { mayWipe, trashName } from '../../../cluster/etcd/directory.ts';
import type { ObservedEtcd } from '../../../cluster/etcd/quorum.ts';
import { allowed, refused, type Verdict } from '../../../cluster/etcd/verdict.ts';
import type { Membership } from '../../../cluster/observation.ts';
import type { NodeMandate } from '../../contracts/mandates.ts';
import { readLabels } from '../../labels.ts';
import { stopAndRemove } from '../stop-and-remove.ts';
import { changeRecord, removedMembership } from './record.ts';
import { observedEtcd, type EtcdPorts } from '../etcd-access.ts';

/** W-08: only when the member list, read through a quorum, does not have it any more. */
export async function recordRemoval(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
  const etcd = await observedEtcd(ports, declaration);
  await changeRecord(ports, mandate, (membership) => {
    if (membership === undefined || membership.state === 'removed') return membership;
    demand(isNoMember(etcd, mandate.node, membership), `give up the etcd member of ${mandate.node}`);
    return { ...membership, state: 'removed' };
  });
}

function isNoMember(etcd: ObservedEtcd, node: string, { memberId }: Membership): Verdict {
  const member = etcd.members.find(({ id, node: on }) => (memberId === undefined ? on === node : id === memberId));
  return member ? refused('W-08', `member ${member.id} is in the list still`) : allowed;
}

/** The process of a member that is in the list no more. */
export async function stopRemovedMember(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const place = await ports.places.anywhere(mandate);
  const membership = await removedMembership(ports, mandate);
  if (membership === undefined) return;
  demand(
    isNoMember(await observedEtcd(ports, place.declaration), mandate.node, membership),
    `stop etcd on ${mandate.node}`,
  );
  const container = await place.docker.inspect('etcd');
  if (container === undefined || readLabels(container.labels).cluster !== mandate.cluster) return;
  const { docker } = place;
  await stopAndRemove({ docker, fence: ports.fence, mandate, containerId: container.id, seconds: 30 });
}

/** The directory is named by its membership, whose id is on record: that is the marker outside of it. */
export async function trashDirectory(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const place = await ports.places.anywhere(mandate);
  const membership = await removedMembership(ports, mandate);
  if (membership?.memberId === undefined) return;
  const container = await place.docker.inspect('etcd');
  const etcd = await observedEtcd(ports, place.declaration);
  const from = etcdDataDirectory(place.declaration, membership.directory);
  const { memberId } = membership;
  const verdict = mayWipe({
    directory: { state: await place.files.directoryState(from), memberId, clusterId: etcd.clusterId },
    container: container === undefined ? 'absent' : container.state === 'running' ? 'running' : 'stopped',
    etcd,
    peerUrl: peerUrl(place.node.address),
    condemned: 'no',
  });
  demand(verdict, `put the data directory ${from} on ${mandate.node} into the trash`);
  await ports.fence.mayAct(mandate);
  const name = trashName({ memberId, epoch: mandate.epoch, at: Math.floor(Date.now() / 1000) });
  await place.files.renamePath({ from, to: etcdDataDirectory(place.declaration, `trash/${name}`) });
}
