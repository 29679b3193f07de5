import { CkeError } from '../../../cluster/errors.ts';
import type { EtcdRecord, Membership } from '../../../cluster/observation.ts';
import type { NodeMandate } from '../../contracts/mandates.ts';
import { staleBootstrap } from '../etcd-bootstrap.ts';
import type { EtcdPorts } from '../etcd-access.ts';
import { firstMembership } from './first-membership.ts';

type Change = (membership: Membership | undefined) => Membership | undefined;

/** Compare and swap of one node's membership in the record (E-03). */
export async function changeRecord({ store, fence }: EtcdPorts, mandate: NodeMandate, change: Change): Promise<void> {
  const { record, version } = await store.records.getEtcdRecord(mandate.cluster);
  if (record.state !== 'done') throw staleBootstrap(mandate.node);
  const { [mandate.node]: before, ...others } = record.memberships;
  const after = change(before);
  if (JSON.stringify(after) === JSON.stringify(before)) return;
  const changed: EtcdRecord = { ...record, memberships: after ? { ...others, [mandate.node]: after } : others };
  await fence.mayAct(mandate);
  await store.records.putEtcdRecord(mandate.cluster, changed, { version, epoch: mandate.epoch });
}

/** What is on record of a node's membership, as of now. */
export async function recordedMembership(
  { store }: EtcdPorts,
  { cluster, node }: NodeMandate,
): Promise<Membership | undefined> {
  const { record } = await store.records.getEtcdRecord(cluster);
  return record.state === 'done' ? record.memberships[node] : undefined;
}

/** A node's membership on record. @throws CkeError StalePlan when there is none: the mandate was given by an older look */
export async function membershipOf(ports: EtcdPorts, mandate: NodeMandate): Promise<Membership> {
  const membership = await recordedMembership(ports, mandate);
  if (membership === undefined) throw staleBootstrap(mandate.node);
  return membership;
}

/** The record comes first: an attempt that is interrupted goes on with the same directory, and nobody else's is ever used. */
export function recordMembership(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  return changeRecord(ports, mandate, (membership) => {
    if (membership?.state === 'first-start') return membership;
    if (membership !== undefined) throw staleBootstrap(mandate.node);
    return firstMembership();
  });
}

/** The membership on record as removed; undefined when there is none any more. */
export async function removedMembership(ports: EtcdPorts, mandate: NodeMandate): Promise<Membership | undefined> {
  const membership = await recordedMembership(ports, mandate);
  if (membership === undefined || membership.state === 'removed') return membership;
  throw atRisk(mandate.node, 'W-08', 'its member is not on record as removed');
}

/** What is refused for the sake of a member's data: a person has to look. */
export function atRisk(node: string, rule: string, because: string): CkeError {
  return new CkeError({
    code: 'QuorumAtRisk',
    message: `etcd on ${node} is left alone: ${because}`,
    node,
    want: `rule ${rule} to hold`,
    remedy: 'never',
  });
}
