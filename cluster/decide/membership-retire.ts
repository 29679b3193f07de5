import { isControlPlane } from '../declaration/nodes.ts';
import type { Membership } from '../observation.ts';
import type { Step } from '../steps/step.ts';
import { isPrepared, usableNode, type Facts } from './facts.ts';
import type { Membering } from './membership-change.ts';

/** Memberships without a member: removed, and not yet put away. One on a node that can't be reached stays on record (R6). */
export function retire({ facts, etcd, record }: Membering): Step[] {
  return Object.entries(record.memberships).flatMap(([node, membership]): Step[] => {
    if (!isGone({ facts, etcd }, node, membership) || !canBeReached(facts, node)) return [];
    const because = `member ${membership.memberId ?? 'of its'} is in no list any more`;
    return [{ kind: 'retire-etcd-member', target: { node, because }, disruption: 'none' }];
  });
}

/** Removed, or never added and not wanted any more. */
export function isGone(
  { facts, etcd }: Pick<Membering, 'facts' | 'etcd'>,
  node: string,
  membership: Membership,
): boolean {
  const { memberId, state } = membership;
  if (state === 'removed') return true;
  if (memberId !== undefined) return !etcd.members.some(({ id }) => id === memberId);
  return !isControlPlane(facts.declaration, node) && !etcd.members.some((member) => member.node === node);
}

function canBeReached(facts: Facts, node: string): boolean {
  if (facts.setAside.some((entry) => entry.node === node && entry.step === 'retire-etcd-member')) return false;
  const seen = facts.observation.departing?.[node]?.seen ?? usableNode(facts, node);
  return seen?.state === 'observed' && isPrepared(seen);
}
