/** One member's view of the cluster. */
export interface MemberListView {
  /** Whose view it is, for people: a node's name. */
  from: string;
  clusterId: string;
  members: { id: string; name: string; peerUrls: string[]; role: 'voter' | 'learner' }[];
}

export type Agreement = { kind: 'agreed' } | { kind: 'disagreed'; because: string };

/** I-14: all views show one cluster and the same members. Two clusters must never be taken for one. */
export function agree(views: readonly MemberListView[]): Agreement {
  const [first, ...others] = views;
  if (first === undefined) return { kind: 'disagreed', because: 'no member list could be read' };
  for (const other of others) {
    if (other.clusterId !== first.clusterId)
      return {
        kind: 'disagreed',
        because: `${first.from} belongs to cluster ${first.clusterId} and ${other.from} to cluster ${other.clusterId}: there are two clusters`,
      };
    if (digest(other) !== digest(first))
      return {
        kind: 'disagreed',
        because: `${first.from} lists ${list(first)}, and ${other.from} lists ${list(other)}`,
      };
  }
  return { kind: 'agreed' };
}

/** Names and states that change by themselves (a learner that starts publishes its name) are left out. */
function digest({ members }: MemberListView): string {
  const lines = members.map(({ id, peerUrls, role }) => `${id} ${role} ${[...peerUrls].toSorted().join(',')}`);
  return lines.toSorted().join('\n');
}

function list({ members }: MemberListView): string {
  return members.map(({ id, name, role }) => `${name || id} (${role})`).join(', ');
}
