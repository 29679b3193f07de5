import type { EtcdMember } from '../observation.ts';
import { addressOf } from './etcd-nodes.ts';
import { nothing, type Facts, type PhaseRule } from './facts.ts';
import { sameSet } from '../same-set.ts';

/**
 * The Service kube-system/cke-etcd points at the voters that are in sync. Learners are listed as not ready, and so is whoever is not in
 * sync or can't be seen: others answer. While no member does there is nothing better to point at than before.
 */
export const etcdEndpoints: PhaseRule = (facts) => {
  const { etcd, kubernetes } = facts.observation;
  if (etcd.state !== 'observed' || kubernetes.state !== 'observed' || kubernetes.etcdEndpoints === undefined)
    return nothing;
  const before = kubernetes.etcdEndpoints;
  const members = etcd.members.flatMap((member) => {
    const address = addressOfMember(facts, member);
    return address === undefined ? [] : [{ address, member }];
  });
  const ready = members.filter(serves).map(({ address }) => address);
  const notReady = members.filter((one) => !serves(one)).map(({ address }) => address);
  if (ready.length === 0 || (sameSet(before.ready, ready) && sameSet(before.notReady, notReady))) return nothing;
  const because = `ready [${before.ready.join(', ')}] → [${ready.join(', ')}]`;
  return { ...nothing, steps: [{ kind: 'update-etcd-endpoints', ready, notReady, because, disruption: 'none' }] };
};

const serves = ({ member: { role, sync } }: { member: EtcdMember }): boolean => role === 'voter' && sync === 'synced';

function addressOfMember({ declaration, observation }: Facts, { node }: EtcdMember): string | undefined {
  return node === undefined ? undefined : addressOf(declaration, observation.records, node);
}
