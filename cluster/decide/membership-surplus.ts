import { controlPlaneNames } from '../declaration/nodes.ts';
import { memberLabel, stableSeconds, votersOf } from '../etcd/quorum.ts';
import { mayRemoveHealthyVoter } from '../etcd/removal.ts';
import type { EtcdMember } from '../observation.ts';
import { isDeparted } from './departing.ts';
import type { Contribution } from './facts.ts';
import { isLeaving } from './leaving-members.ts';
import { blocked, held, isTriedInVain, notYet, removal, type Membering } from './membership-change.ts';
import { whyNotWithdrawn } from './withdrawal.ts';

/** A healthy voter that is not declared any more: withdrawn from the endpoints first, followers before the leader. */
export function removeSurplus(input: Membering): Contribution | undefined {
  const { facts, etcd } = input;
  const surplus = votersOf(etcd).filter((member) => isLeaving(facts, member));
  const foreign = surplus.find(({ node }) => node === undefined);
  if (foreign)
    return blocked(undefined, {
      kind: 'refused',
      rule: 'I-13',
      because: `etcd has a member ${memberLabel(foreign)} (id ${foreign.id}) on no node of ours: a person has to say that it may go`,
    });
  const [next] = surplus.toSorted((a, b) => Number(a.leader === 'leader') - Number(b.leader === 'leader'));
  if (next?.node === undefined || isTriedInVain(facts, next.node)) return undefined;
  const notWithdrawn = whyNotWithdrawn(facts, next.node);
  if (notWithdrawn !== undefined) return held(next.node, notWithdrawn);
  // Leadership is moved away by the step itself, which checks again.
  const asFollower = { ...etcd, members: etcd.members.map((one) => (one === next ? follower(next) : one)) };
  const masters = controlPlaneNames(facts.declaration);
  const verdict = mayRemoveHealthyVoter({
    etcd: asFollower,
    memberId: next.id,
    wantedSize: masters.length,
    staying: masters,
    stableSeconds: stableSeconds(etcd),
  });
  if (verdict.kind !== 'allowed') return notYet(next.node, verdict);
  const because = isDeparted(facts, next.node) ? 'it has left the declaration' : 'it is no control plane any more';
  return removal(input, next, { manner: 'healthy-voter', because });
}

const follower = (member: EtcdMember): EtcdMember => ({
  ...member,
  leader: member.leader === 'leader' ? 'follower' : member.leader,
});
