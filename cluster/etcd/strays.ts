import type { EtcdMember } from '../observation.ts';
import { memberLabel } from './quorum.ts';
import { allowed, refused, unknown } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export interface RemoveStray {
  member: EtcdMember;
  /** Peer URLs of the declared control planes. */
  declaredPeerUrls: readonly string[];
  /** Whether the management record knows this membership as ours. */
  recorded: 'ours' | 'foreign' | 'unknown';
  /** How long it has been a learner without a node. */
  straySeconds: number;
  graceSeconds: number;
}

/**
 * I-13: a member that belongs to no declared node. A voter is never removed without a person, since someone may have added it by
 * hand; a learner of ours is reaped after the grace time.
 */
export function mayRemoveStray({
  member,
  declaredPeerUrls,
  recorded,
  straySeconds,
  graceSeconds,
}: RemoveStray): Verdict {
  const label = memberLabel(member);
  if (member.peerUrls.some((url) => declaredPeerUrls.includes(url)))
    return refused('I-13', `${label} belongs to a declared control plane`);
  if (recorded === 'unknown') return unknown('I-13', `cannot observe who added ${label}`);
  if (recorded === 'foreign')
    return refused('I-13', `${label} was not added by us: a person has to say that it may go`);
  if (member.role === 'voter') return refused('I-13', `${label} is a voter: a person has to say that it may go`);
  if (straySeconds < graceSeconds)
    return refused('I-13', `${label} has had no node for ${straySeconds} s of ${graceSeconds} s`);
  return allowed;
}
