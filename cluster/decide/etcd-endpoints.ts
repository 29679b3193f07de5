import type { EtcdMember } from '../observation.ts';
import { addressOf } from './etcd-nodes.ts';
import { nothing, type Facts, type PhaseRule } from './facts.ts';
import { endpointsIn, sameEndpoints } from '../resources/endpoint-slice.ts';
import { isLeaving } from './leaving-members.ts';

/**
 * The Service kube-system/cke-etcd points at the voters that are in sync. Learners are listed as not ready, and so is whoever is not in
 * sync or can't be seen: others answer. A member that is to leave drains. While no member does there is nothing better to point at than before.
 */
export const etcdEndpoints: PhaseRule = (facts) => {
  const { etcd, kubernetes } = facts.observation;
  if (etcd.state !== 'observed' || kubernetes.state !== 'observed' || kubernetes.etcdEndpoints === undefined)
    return nothing;
  const before = kubernetes.etcdEndpoints;
  const members: Listed[] = etcd.members.flatMap((member) => {
    const address = addressOfMember(facts, member);
    return address === undefined ? [] : [{ address, member }];
  });
  const serving = members.filter(serves);
  const leaving = serving.filter(({ member }) => isLeaving(facts, member));
  // When most are to leave, they are needed until their successors are there.
  const draining = leaving.length * 2 < serving.length ? leaving : [];
  const asked = serving.filter((one) => !draining.includes(one));
  const ready = addressesOf(asked);
  const notReady = addressesOf(members.filter((one) => !asked.includes(one)));
  const wanted = endpointsIn({ ready, notReady, draining: addressesOf(draining) });
  if (ready.length === 0 || sameEndpoints(before, wanted)) return nothing;
  const because = `ready [${before.ready.join(', ')}] → [${ready.join(', ')}]`;
  return { ...nothing, steps: [{ kind: 'update-etcd-endpoints', ...wanted, because, disruption: 'none' }] };
};

interface Listed {
  address: string;
  member: EtcdMember;
}

const addressesOf = (some: Listed[]): string[] => some.map(({ address }) => address);

const serves = ({ member: { role, sync } }: Listed): boolean => role === 'voter' && sync === 'synced';

function addressOfMember({ declaration, observation }: Facts, { node }: EtcdMember): string | undefined {
  return node === undefined ? undefined : addressOf(declaration, observation.records, node);
}
