import { memberLabel, votersOf } from '../etcd/quorum.ts';
import { failureCause, mayRemoveFailedVoter } from '../etcd/removal.ts';
import { usableNode, type Contribution } from './facts.ts';
import { isLeaving } from './leaving-members.ts';
import { isTriedInVain, notYet, removal, step, type Membering } from './membership-change.ts';

/** Seconds that a member which is not declared any more, and is down, is given: being slow for a moment is no failure (I-09). */
export const departedGraceSeconds = 10;

/** Failed members go before any comes (finding 3), and only with a cause beside being down (I-09). */
export function removeFailed(input: Membering): Contribution | undefined {
  const { facts, etcd } = input;
  const failed = votersOf(etcd).filter((member) => member.sync !== 'synced' && isLeaving(facts, member));
  const [member] = failed.filter(({ node }) => node !== undefined);
  if (member === undefined) return undefined;
  const verdict = mayRemoveFailedVoter({
    etcd,
    memberId: member.id,
    cause: failureCause(member, 'not-declared'),
    failedSeconds: Math.floor(member.sinceSeconds ?? 0),
    graceSeconds: departedGraceSeconds,
  });
  const because = `it is not declared as a control plane any more, and down: ${member.because ?? 'no reason given'}`;
  return verdict.kind === 'allowed'
    ? removal(input, member, { manner: 'failed-voter', because })
    : notYet(memberLabel(member), verdict);
}

/**
 * W-05: a declared voter whose data are gone never starts again. It is taken out, and comes back as a new member with a directory of
 * its own; that its data are given up is for a person to say where the policy has `data-loss` in it.
 */
export function removeEmptied({ facts, etcd, record }: Membering): Contribution | undefined {
  const [member] = votersOf(etcd).filter(({ node, id, sync }) => {
    const seen = sync === 'unsynced' && node !== undefined ? usableNode(facts, node) : undefined;
    if (node === undefined || seen === undefined || record.memberships[node]?.memberId !== id) return false;
    const gone = seen.etcdDirectory === 'absent' || seen.etcdDirectory === 'empty';
    return gone && seen.containers.etcd?.state !== 'running' && !isTriedInVain(facts, node);
  });
  if (member?.node === undefined) return undefined;
  const failedSeconds = Math.floor(member.sinceSeconds ?? 0);
  const graceSeconds = departedGraceSeconds;
  const verdict = mayRemoveFailedVoter({
    etcd,
    memberId: member.id,
    cause: failureCause(member, 'directory-lost'),
    failedSeconds,
    graceSeconds,
  });
  if (verdict.kind !== 'allowed') return undefined;
  const because = `its data directory is gone: it is taken out, and ${member.node} gets a new member from the others' data`;
  return step({
    kind: 'remove-etcd-member',
    manner: 'lost-data',
    memberId: member.id,
    target: { node: member.node, because },
  });
}
