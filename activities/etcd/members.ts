import type { AddLearner, PromoteLearner } from '../../cluster/etcd/addition.ts';
import { mayAddLearner, mayPromote } from '../../cluster/etcd/addition.ts';
import { demand } from '../../cluster/etcd/demand.ts';
import { leaderOf, memberById } from '../../cluster/etcd/quorum.ts';
import type { ObservedEtcd } from '../../cluster/etcd/quorum.ts';
import type { RemoveFailedVoter, RemoveHealthyVoter, RemoveLearner } from '../../cluster/etcd/removal.ts';
import { mayRemoveFailedVoter, mayRemoveHealthyVoter, mayRemoveLearner } from '../../cluster/etcd/removal.ts';
import type { Verdict } from '../../cluster/etcd/verdict.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { EtcdMember } from '../../cluster/observation.ts';
import { etcdError, unavailable } from './etcd-errors.ts';
import { EtcdCallError } from './gateway.ts';
import type { EtcdGateway } from './gateway.ts';
import type { EtcdReach } from './gateways.ts';
import type { ObserveEtcd } from './observe.ts';

/**
 * Changes of a cluster's membership, one irreversible call each. Each reads, checks the rules on fresh facts, acts once, and
 * verifies by reading; on a retry it adopts what it finds. They throw CkeError QuorumAtRisk (a rule), EtcdRefused, EtcdUnavailable.
 */
export interface Memberships {
  /** Adds a learner, never a voter (I-05), or adopts an unstarted learner with that peer URL. Returns its id. */
  addLearner(add: ObserveEtcd & Omit<AddLearner, 'etcd'>): Promise<string>;
  /** Makes a learner a voter; asked of the leader (I-17). A member that votes already is left alone. */
  promote(promotion: ObserveEtcd & Omit<PromoteLearner, 'etcd'>): Promise<void>;
  /** A member that is gone already counts as removed: ids never return. */
  removeHealthyVoter(removal: ObserveEtcd & Omit<RemoveHealthyVoter, 'etcd'>): Promise<void>;
  removeFailedVoter(removal: ObserveEtcd & Omit<RemoveFailedVoter, 'etcd'>): Promise<void>;
  removeLearner(removal: ObserveEtcd & Omit<RemoveLearner, 'etcd'>): Promise<void>;
}

interface MembershipPorts {
  facts(reach: ObserveEtcd): Promise<ObservedEtcd>;
  gatewayOf(reach: EtcdReach, member: EtcdMember): EtcdGateway;
  /** A voter in sync, the leader where it can be. */
  syncedGateway(reach: EtcdReach, etcd: ObservedEtcd): EtcdGateway;
}

export function memberships(ports: MembershipPorts): Memberships {
  return {
    addLearner: (add) => addLearner(ports, add),
    promote: (promotion) => promote(ports, promotion),
    removeHealthyVoter: (removal) => remove(ports, removal, (etcd) => mayRemoveHealthyVoter({ ...removal, etcd })),
    removeFailedVoter: (removal) => remove(ports, removal, (etcd) => mayRemoveFailedVoter({ ...removal, etcd })),
    removeLearner: (removal) => remove(ports, removal, (etcd) => mayRemoveLearner({ ...removal, etcd })),
  };
}

async function addLearner(ports: MembershipPorts, add: ObserveEtcd & Omit<AddLearner, 'etcd'>): Promise<string> {
  const act = `add a learner with the peer URL ${add.peerUrl}`;
  const withUrl = (etcd: ObservedEtcd) => etcd.members.find(({ peerUrls }) => peerUrls.includes(add.peerUrl));
  const before = await ports.facts(add);
  const present = withUrl(before);
  if (present) return adopted(add.cluster, present);
  demand(mayAddLearner({ ...add, etcd: before }), `${act} to etcd of ${add.cluster}`);
  await sentOnce(add.cluster, act, ports.syncedGateway(add, before).addLearner(add.peerUrl));
  const added = withUrl(await ports.facts(add));
  if (added === undefined)
    throw unavailable(add.cluster, `the learner with the peer URL ${add.peerUrl} is not in the member list`);
  return adopted(add.cluster, added);
}

/** Only an unstarted learner can be the one that an earlier attempt added. */
function adopted(cluster: string, member: EtcdMember): string {
  if (member.role === 'learner' && member.name === '') return member.id;
  throw new CkeError({
    code: 'QuorumAtRisk',
    message: `etcd of ${cluster} has a member with the peer URL ${member.peerUrls.join(', ')} already`,
    got: `member ${member.id}, a ${member.role} named ${member.name || 'nothing yet'}`,
    want: 'no member, or a learner that was never started (W-04, W-05)',
    fix: 'remove that member first, when its data are lost',
    remedy: 'never',
  });
}

async function promote(ports: MembershipPorts, promotion: ObserveEtcd & Omit<PromoteLearner, 'etcd'>): Promise<void> {
  const act = `promote learner ${promotion.memberId}`;
  const before = await ports.facts(promotion);
  if (memberById(before, promotion.memberId)?.role === 'voter') return;
  demand(mayPromote({ ...promotion, etcd: before }), `${act} of etcd of ${promotion.cluster}`);
  const leader = leaderOf(before);
  if (leader === undefined) throw unavailable(promotion.cluster, 'it has no leader');
  await sentOnce(promotion.cluster, act, ports.gatewayOf(promotion, leader).promote(promotion.memberId));
  const after = memberById(await ports.facts(promotion), promotion.memberId);
  if (after?.role !== 'voter')
    throw unavailable(promotion.cluster, `member ${promotion.memberId} is no voter after its promotion`);
}

async function remove(
  ports: MembershipPorts,
  removal: ObserveEtcd & { memberId: string },
  mayRemove: (etcd: ObservedEtcd) => Verdict,
): Promise<void> {
  const { cluster, memberId } = removal;
  const act = `remove member ${memberId}`;
  const before = await ports.facts(removal);
  if (memberById(before, memberId) === undefined) return;
  demand(mayRemove(before), `${act} of etcd of ${cluster}`);
  const others = { ...before, members: before.members.filter(({ id }) => id !== memberId) };
  await sentOnce(cluster, act, ports.syncedGateway(removal, others).remove(memberId));
  if (memberById(await ports.facts(removal), memberId))
    throw unavailable(cluster, `member ${memberId} is still listed after its removal`);
}

/** An answer that got lost, or that says it was done before, is settled by the reading that follows, never by sending again. */
async function sentOnce(cluster: string, act: string, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof EtcdCallError)) throw error;
    const { kind } = error.failure;
    if (kind !== 'unknown' && kind !== 'maybe-applied') throw etcdError(cluster, act, error);
  }
}
