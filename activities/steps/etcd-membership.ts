import { randomBytes } from 'node:crypto';
import { etcdDataDirectory, peerUrl } from '../../cluster/components/etcd.ts';
import { departedGraceSeconds } from '../../cluster/decide/membership-failed.ts';
import { explainDrift } from '../../cluster/components/drift.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { controlPlanes, nodeNamed } from '../../cluster/declaration/nodes.ts';
import { CkeError } from '../../cluster/errors.ts';
import { demand } from '../../cluster/etcd/demand.ts';
import { mayStartEmpty, mayWipe, trashName } from '../../cluster/etcd/directory.ts';
import { mayAddLearner, mayPromote } from '../../cluster/etcd/addition.ts';
import { memberById, stableSeconds, type ObservedEtcd } from '../../cluster/etcd/quorum.ts';
import { mayRemoveFailedVoter, mayRemoveHealthyVoter, mayRemoveLearner } from '../../cluster/etcd/removal.ts';
import { allowed, refused, type Verdict } from '../../cluster/etcd/verdict.ts';
import type { EtcdRecord, Membership } from '../../cluster/observation.ts';
import type { EtcdActivities } from '../contracts/steps.ts';
import type { NodeMandate } from '../contracts/mandates.ts';
import { readLabels } from '../labels.ts';
import { replaceContainer } from './containers.ts';
import { access, staleBootstrap, type EtcdPorts } from './etcd.ts';
import { observedEtcd, onceTimeAllows } from './observed-etcd.ts';
import { stopAndRemove } from './stop-and-remove.ts';

export type MembershipActivities = Pick<
  EtcdActivities,
  | 'takeEtcdSnapshot'
  | 'recordMembership'
  | 'addLearner'
  | 'startLearner'
  | 'recordSettled'
  | 'promoteLearner'
  | 'removeMember'
  | 'recordRemoval'
  | 'stopRemovedMember'
  | 'trashDirectory'
  | 'dropMembership'
>;

export interface MembershipPorts extends EtcdPorts {
  /** Takes a verified snapshot of a cluster's etcd, keeps it on this machine, and records it (W-10). */
  snapshotBeforeChange: (declaration: Declaration) => Promise<void>;
  /** Lets so many seconds pass. */
  pause: (seconds: number) => Promise<void>;
}

/** Changes of etcd's membership: each reads, checks its rules on fresh facts, acts once, verifies, and adopts what it finds (DESIGN §7). */
export function membershipActivities(ports: MembershipPorts): MembershipActivities {
  return {
    async takeEtcdSnapshot(mandate) {
      const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
      await ports.snapshotBeforeChange(declaration);
    },
    recordMembership: (mandate) => recordMembership(ports, mandate),
    addLearner: (mandate) => addLearner(ports, mandate),
    startLearner: (mandate) => startLearner(ports, mandate),
    recordSettled: (mandate) =>
      changeRecord(ports, mandate, (membership) => {
        if (membership?.memberId === undefined || membership.state === 'removed') throw staleBootstrap(mandate.node);
        return { ...membership, state: 'settled' };
      }),
    promoteLearner: (mandate) => promoteLearner(ports, mandate),
    removeMember: (mandate) => removeMember(ports, mandate),
    recordRemoval: (mandate) => recordRemoval(ports, mandate),
    stopRemovedMember: (mandate) => stopRemovedMember(ports, mandate),
    trashDirectory: (mandate) => trashDirectory(ports, mandate),
    dropMembership: (mandate) =>
      changeRecord(ports, mandate, (membership) => {
        if (membership !== undefined && membership.state !== 'removed') throw staleBootstrap(mandate.node);
        return undefined;
      }),
  };
}

type Change = (membership: Membership | undefined) => Membership | undefined;

/** Compare and swap of one node's membership in the record (E-03). */
async function changeRecord({ store, fence }: EtcdPorts, mandate: NodeMandate, change: Change): Promise<void> {
  const { record, version } = await store.records.getEtcdRecord(mandate.cluster);
  if (record.state !== 'done') throw staleBootstrap(mandate.node);
  const { [mandate.node]: before, ...others } = record.memberships;
  const after = change(before);
  if (JSON.stringify(after) === JSON.stringify(before)) return;
  const changed: EtcdRecord = { ...record, memberships: after ? { ...others, [mandate.node]: after } : others };
  await fence.mayAct(mandate);
  await store.records.putEtcdRecord(mandate.cluster, changed, { version, epoch: mandate.epoch });
}

async function membershipOf({ store }: EtcdPorts, { cluster, node }: NodeMandate): Promise<Membership> {
  const { record } = await store.records.getEtcdRecord(cluster);
  const membership = record.state === 'done' ? record.memberships[node] : undefined;
  if (membership === undefined) throw staleBootstrap(node);
  return membership;
}

/** The record comes first: an attempt that is interrupted goes on with the same directory, and nobody else's is ever used. */
function recordMembership(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  return changeRecord(ports, mandate, (membership) => {
    if (membership?.state === 'first-start') return membership;
    if (membership !== undefined) throw staleBootstrap(mandate.node);
    return { directory: `m-${randomBytes(6).toString('hex')}`, state: 'first-start' };
  });
}

/** As soon as time has cured what it can (the worker may have just started). */
function steadyEtcd(
  ports: MembershipPorts,
  declaration: Declaration,
  may: (etcd: ObservedEtcd) => Verdict,
): Promise<ObservedEtcd> {
  return onceTimeAllows({ observe: () => observedEtcd(ports, declaration), may, pause: ports.pause });
}

async function addLearner(ports: MembershipPorts, mandate: NodeMandate): Promise<void> {
  const { declaration, node } = await ports.places.at(mandate);
  const reach = await access(ports, declaration);
  const learner = { peerUrl: peerUrl(node.address), wantedSize: controlPlanes(declaration).length };
  const etcd = await steadyEtcd(ports, declaration, (seen) =>
    mayAddLearner({ ...learner, etcd: seen, stableSeconds: stableSeconds(seen) }),
  );
  await ports.fence.mayAct(mandate);
  const memberId = await ports.etcd.addLearner({ ...reach, ...learner, stableSeconds: stableSeconds(etcd) });
  await changeRecord(ports, mandate, (membership) => {
    if (membership?.state !== 'first-start') throw staleBootstrap(mandate.node);
    return { ...membership, memberId };
  });
}

/** W-04: an empty directory is started on for a learner that never was; one that has begun already is only started again. */
async function startLearner(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const place = await ports.places.at(mandate);
  const membership = await membershipOf(ports, mandate);
  if (membership.state !== 'first-start') throw staleBootstrap(mandate.node);
  const etcd = await observedEtcd(ports, place.declaration);
  const member = etcd.members.find(({ id }) => id === membership.memberId);
  const directory = await place.files.directoryState(etcdDataDirectory(place.declaration, membership.directory));
  if (directory === 'absent') throw atRisk(mandate.node, 'W-06', 'its data directory is not there');
  if (directory === 'empty') {
    const { record } = await ports.store.records.getEtcdRecord(mandate.cluster);
    demand(mayStartEmpty({ record, ...(member && { member }) }), `start the etcd learner on ${mandate.node}`);
  }
  await replaceContainer({ place, fence: ports.fence, mandate: { ...mandate, component: 'etcd' } });
}

async function promoteLearner(ports: MembershipPorts, mandate: NodeMandate & { memberId: string }): Promise<void> {
  const { memberId } = mandate;
  const place = await ports.places.at(mandate);
  const learner = (seen: ObservedEtcd) => ({ memberId, caughtUpSeconds: steadyFor(seen, memberId, 'synced') });
  const etcd = await steadyEtcd(ports, place.declaration, (seen) =>
    mayPromote({ ...learner(seen), etcd: seen, directory: 'matches' }),
  );
  const container = await place.docker.inspect('etcd');
  const labelled = container && readLabels(container.labels).spec;
  const runs = container?.state === 'running' && explainDrift(await place.wanted('etcd'), labelled) === undefined;
  await ports.fence.mayAct(mandate);
  await ports.etcd.promote({
    ...(await access(ports, place.declaration)),
    ...learner(etcd),
    directory: runs ? 'matches' : 'differs',
  });
}

/** For how many seconds a member has been in sync, or not. */
function steadyFor(etcd: ObservedEtcd, memberId: string, sync: 'synced' | 'not'): number {
  const member = memberById(etcd, memberId);
  const is = member?.sync === 'synced' ? 'synced' : 'not';
  return is === sync ? Math.floor(member?.sinceSeconds ?? 0) : 0;
}

type Removal = Parameters<EtcdActivities['removeMember']>[0];

/** Each manner has rules of its own; a member of a declared control plane is only removed as a learner that never came up, or without data. */
async function removeMember(ports: MembershipPorts, mandate: Removal): Promise<void> {
  const { memberId, manner, node } = mandate;
  const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
  const reach = await access(ports, declaration);
  const etcd = await steadyEtcd(ports, declaration, (seen) => mayRemove(mandate, declaration, seen));
  const member = memberById(etcd, memberId);
  if (member === undefined) return;
  const act = `remove the etcd member of ${node}`;
  if (member.node !== node) demand(refused('I-11', `member ${memberId} is not that of ${node}`), act);
  if (manner !== 'learner' && manner !== 'lost-data' && nodeNamed(declaration, node)?.control_plane)
    demand(refused('I-09', `${node} is declared as a control plane`), act);
  if (manner === 'lost-data') await demandNoData(ports, mandate);
  await ports.fence.mayAct(mandate);
  if (manner === 'learner') return ports.etcd.removeLearner({ ...reach, memberId });
  if (manner === 'healthy-voter')
    return ports.etcd.removeHealthyVoter({ ...reach, ...healthyVoter(mandate, declaration, etcd) });
  await ports.etcd.removeFailedVoter({ ...reach, ...failedVoter(mandate, etcd) });
}

function mayRemove(removal: Removal, declaration: Declaration, etcd: ObservedEtcd): Verdict {
  const { manner, memberId } = removal;
  if (manner === 'learner') return mayRemoveLearner({ etcd, memberId });
  if (manner === 'healthy-voter') return mayRemoveHealthyVoter({ ...healthyVoter(removal, declaration, etcd), etcd });
  return mayRemoveFailedVoter({ ...failedVoter(removal, etcd), etcd });
}

const healthyVoter = ({ memberId }: Removal, declaration: Declaration, etcd: ObservedEtcd) => ({
  memberId,
  wantedSize: controlPlanes(declaration).length,
  stableSeconds: stableSeconds(etcd),
});

const failedVoter = ({ memberId, manner }: Removal, etcd: ObservedEtcd) => ({
  memberId,
  cause: manner === 'lost-data' ? ('directory-lost' as const) : ('not-declared' as const),
  failedSeconds: steadyFor(etcd, memberId, 'not'),
  graceSeconds: departedGraceSeconds,
});

/** W-05: looked at right before: data that were put back are started on, and nothing is given up. */
async function demandNoData(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const place = await ports.places.at(mandate);
  const membership = await membershipOf(ports, mandate);
  const container = await place.docker.inspect('etcd');
  const state = await place.files.directoryState(etcdDataDirectory(place.declaration, membership.directory));
  if (container?.state !== 'running' && state !== 'intact') return;
  throw atRisk(mandate.node, 'W-05', container?.state === 'running' ? 'it runs' : 'its data are there');
}

/** W-08: only when the member list, read through a quorum, does not have it any more. */
async function recordRemoval(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
  const etcd = await observedEtcd(ports, declaration);
  await changeRecord(ports, mandate, (membership) => {
    if (membership === undefined || membership.state === 'removed') return membership;
    demand(isNoMember(etcd, mandate.node, membership), `give up the etcd member of ${mandate.node}`);
    return { ...membership, state: 'removed' };
  });
}

function isNoMember(etcd: ObservedEtcd, node: string, { memberId }: Membership): Verdict {
  const member = etcd.members.find(({ id, node: on }) => (memberId === undefined ? on === node : id === memberId));
  return member ? refused('W-08', `member ${member.id} is in the list still`) : allowed;
}

async function stopRemovedMember(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const place = await ports.places.anywhere(mandate);
  const membership = await removedMembership(ports, mandate);
  if (membership === undefined) return;
  demand(
    isNoMember(await observedEtcd(ports, place.declaration), mandate.node, membership),
    `stop etcd on ${mandate.node}`,
  );
  const container = await place.docker.inspect('etcd');
  if (container === undefined || readLabels(container.labels).cluster !== mandate.cluster) return;
  const { docker } = place;
  await stopAndRemove({ docker, fence: ports.fence, mandate, containerId: container.id, seconds: 30 });
}

async function removedMembership(ports: EtcdPorts, mandate: NodeMandate): Promise<Membership | undefined> {
  const { record } = await ports.store.records.getEtcdRecord(mandate.cluster);
  const membership = record.state === 'done' ? record.memberships[mandate.node] : undefined;
  if (membership === undefined) return undefined;
  if (membership.state === 'removed') return membership;
  throw atRisk(mandate.node, 'W-08', 'its member is not on record as removed');
}

/** The directory is named by its membership, whose id is on record: that is the marker outside of it. */
async function trashDirectory(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const place = await ports.places.anywhere(mandate);
  const membership = await removedMembership(ports, mandate);
  if (membership?.memberId === undefined) return;
  const container = await place.docker.inspect('etcd');
  const etcd = await observedEtcd(ports, place.declaration);
  const from = etcdDataDirectory(place.declaration, membership.directory);
  const { memberId } = membership;
  const verdict = mayWipe({
    directory: { state: await place.files.directoryState(from), memberId, clusterId: etcd.clusterId },
    container: container === undefined ? 'absent' : container.state === 'running' ? 'running' : 'stopped',
    etcd,
    peerUrl: peerUrl(place.node.address),
    condemned: 'no',
  });
  demand(verdict, `put the data directory ${from} on ${mandate.node} into the trash`);
  await ports.fence.mayAct(mandate);
  const name = trashName({ memberId, epoch: mandate.epoch, at: Math.floor(Date.now() / 1000) });
  await place.files.renamePath({ from, to: etcdDataDirectory(place.declaration, `trash/${name}`) });
}

function atRisk(node: string, rule: string, because: string): CkeError {
  return new CkeError({
    code: 'QuorumAtRisk',
    message: `etcd on ${node} is left alone: ${because}`,
    node,
    want: `rule ${rule} to hold`,
    remedy: 'never',
  });
}
