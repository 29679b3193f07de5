import type { EtcdActivities, NodeActivities } from '../../activities/contracts/steps.ts';
import type { Mandate, NodeMandate } from '../../activities/contracts/mandates.ts';
import type {
  AddEtcdMember,
  PromoteEtcdMember,
  RemoveEtcdMember,
  RetireEtcdMember,
  SettleEtcdMember,
} from '../../cluster/steps/etcd-steps.ts';

type MembershipStep = AddEtcdMember | SettleEtcdMember | PromoteEtcdMember | RemoveEtcdMember | RetireEtcdMember;

interface MembershipActivities {
  etcd: EtcdActivities;
  node: NodeActivities;
}

/**
 * Changes of etcd's membership: each line is one irreversible effect, which checks its rules on fresh facts, and can be repeated.
 * What has to wait (a learner that catches up, the next change) is a step of its own in a later round.
 */
export async function changeMembership(
  step: MembershipStep,
  mandate: Mandate,
  activities: MembershipActivities,
): Promise<void> {
  const { etcd } = activities;
  const place = { ...mandate, node: step.target.node };
  switch (step.kind) {
    case 'add-etcd-member':
      return addMember(place, activities);
    case 'settle-etcd-member':
      return settleMember(place, activities);
    case 'promote-etcd-member':
      return etcd.promoteLearner({ ...place, memberId: step.memberId });
    case 'remove-etcd-member':
      return removeMember({ ...place, memberId: step.memberId, manner: step.manner }, etcd);
    case 'retire-etcd-member':
      return retireMember(place, etcd);
  }
}

/** Learner first (I-05); the record comes before the member, and the member before its first process (W-04). */
async function addMember(place: NodeMandate, { etcd, node }: MembershipActivities): Promise<void> {
  await node.pullImages(place);
  await etcd.takeEtcdSnapshot(place);
  await etcd.recordMembership(place);
  await etcd.createDataDirectory(place);
  await node.installFiles({ ...place, component: 'etcd' });
  await etcd.addLearner(place);
  await etcd.startLearner(place);
}

async function settleMember(place: NodeMandate, { etcd }: MembershipActivities): Promise<void> {
  await etcd.recordSettled(place);
  await etcd.restartMember(place);
  await etcd.awaitMemberSynced(place);
}

type Removal = Parameters<EtcdActivities['removeMember']>[0];

async function removeMember(removal: Removal, etcd: EtcdActivities): Promise<void> {
  await etcd.takeEtcdSnapshot(removal);
  if (removal.manner === 'healthy-voter') await etcd.moveLeaderAway(removal);
  await etcd.removeMember(removal);
  await etcd.recordRemoval(removal);
  // It ends by itself, and Docker would start it again and again: until it is stopped every look waits for it.
  if (removal.manner === 'healthy-voter') await etcd.stopRemovedMember(removal);
}

/** Never the other way round: what still counts keeps its process and its data (W-08). */
async function retireMember(place: NodeMandate, etcd: EtcdActivities): Promise<void> {
  await etcd.recordRemoval(place);
  await etcd.stopRemovedMember(place);
  await etcd.trashDirectory(place);
  await etcd.dropMembership(place);
}
