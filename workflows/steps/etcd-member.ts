import type { BootstrapEtcd, RestartEtcdMember } from '../../cluster/steps/etcd-steps.ts';
import type { EtcdActivities, NodeActivities } from '../../activities/contracts/steps.ts';
import type { Mandate } from '../../activities/contracts/mandates.ts';

/** Starts a new etcd cluster: token and memberships are recorded before the first process runs (W-04, finding 12). */
export async function bootstrapEtcd(
  { targets }: BootstrapEtcd,
  mandate: Mandate,
  { etcd, node }: { etcd: EtcdActivities; node: NodeActivities },
): Promise<void> {
  await etcd.recordBootstrap(mandate);
  await everyNode(targets, async ({ node: name }) => {
    const place = { ...mandate, node: name, component: 'etcd' as const };
    await etcd.createDataDirectory(place);
    await node.installFiles(place);
    await node.replaceContainer(place);
  });
  await etcd.concludeBootstrap(mandate);
}

/**
 * Starts a new cluster with the data of a snapshot, which the record names: nothing of the old one runs any more when the first
 * directory is written, and no member starts before all have theirs (reliability §3.7).
 */
export async function restoreEtcd(
  { targets }: BootstrapEtcd,
  mandate: Mandate,
  { etcd, node }: { etcd: EtcdActivities; node: NodeActivities },
): Promise<void> {
  const at = ({ node: name }: { node: string }) => ({ ...mandate, node: name, component: 'etcd' as const });
  await everyNode(targets, (target) => etcd.stopForRestore(at(target)));
  await everyNode(targets, (target) => etcd.restoreDirectory(at(target)));
  await everyNode(targets, async (target) => {
    await node.installFiles(at(target));
    await node.replaceContainer(at(target));
  });
  await etcd.concludeBootstrap(mandate);
}

/** Restarts one voter, or starts it as it stands, which nobody waits for: it may need another one to be in sync. Followers hand nothing over, the leader moves its leadership first (finding 8). */
export async function restartEtcdMember(
  { target, manner }: RestartEtcdMember,
  mandate: Mandate,
  { etcd, node }: { etcd: EtcdActivities; node: NodeActivities },
): Promise<void> {
  const place = { ...mandate, node: target.node };
  if (manner === 'start') return etcd.startMember({ ...place, containerId: target.containerId ?? '' });
  const there = { ...place, ...(target.containerId !== undefined && { containerId: target.containerId }) };
  if (manner === 'settle') return etcd.restartMember(there);
  await node.installFiles({ ...place, component: 'etcd' });
  await etcd.moveLeaderAway(place);
  await etcd.restartMember(there);
  await etcd.awaitMemberSynced(place);
}

/** All at once, and the first failure is thrown only when every node has come to an end. */
async function everyNode<T>(items: readonly T[], visit: (item: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(items.map(visit));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
