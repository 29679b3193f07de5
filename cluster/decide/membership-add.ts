import { peerUrl } from '../components/etcd.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import { mayAddLearner } from '../etcd/addition.ts';
import { stableSeconds, votersOf } from '../etcd/quorum.ts';
import { isPrepared, usableNode, type Contribution } from './facts.ts';
import { held, isTriedInVain, notYet, step, type Membering } from './membership-change.ts';
import { isGone } from './membership-retire.ts';

/** Declared control planes without a member, one at a time. */
export function addMissing({ facts, etcd, record }: Membering): Contribution | undefined {
  const masters = controlPlanes(facts.declaration);
  const lacking = masters.filter(({ name }) => !etcd.members.some(({ node }) => node === name));
  if (lacking.length === 0) return undefined;
  const ready = lacking.filter(({ name }) => {
    const seen = usableNode(facts, name);
    const membership = record.memberships[name];
    return (
      seen !== undefined &&
      isPrepared(seen) &&
      !isTriedInVain(facts, name) &&
      (membership === undefined || !isGone({ facts, etcd }, name, membership))
    );
  });
  const [next] = ready;
  // While there are more voters than are wanted a machine that is off holds up none of those that are to go.
  if (next === undefined && votersOf(etcd).length > masters.length) return undefined;
  if (next === undefined) return held(lacking[0]?.name ?? '', 'the node is not ready for an etcd member yet');
  const verdict = mayAddLearner({
    etcd,
    peerUrl: peerUrl(next.address),
    wantedSize: masters.length,
    staying: masters.map(({ name }) => name),
    stableSeconds: stableSeconds(etcd),
  });
  // More voters than are wanted, and one of those that are is missing: a declaration that changed twice. A surplus one goes first.
  if (verdict.kind === 'refused' && verdict.rule === 'I-18') return undefined;
  if (verdict.kind !== 'allowed') return notYet(next.name, verdict);
  const because = 'it is declared as a control plane and has no etcd member';
  return step({ kind: 'add-etcd-member', target: { node: next.name, because } });
}
