import { explainDrift } from '../../../cluster/components/drift.ts';
import { etcdDataDirectory, peerUrl } from '../../../cluster/components/etcd.ts';
import { controlPlaneNames } from '../../../cluster/declaration/nodes.ts';
import { mayAddLearner, mayPromote } from '../../../cluster/etcd/addition.ts';
import { demand } from '../../../cluster/etcd/demand.ts';
import { mayStartEmpty } from '../../../cluster/etcd/directory.ts';
import { stableSeconds, steadyFor, type ObservedEtcd } from '../../../cluster/etcd/quorum.ts';
import type { NodeMandate } from '../../contracts/mandates.ts';
import { readLabels } from '../../labels.ts';
import { replaceContainer } from '../containers.ts';
import { staleBootstrap } from '../etcd-bootstrap.ts';
import { atRisk, changeRecord, membershipOf } from './record.ts';
import { access, observedEtcd, steadyEtcd, type EtcdPorts } from '../etcd-access.ts';

/** A new member begins as a learner; its id is on record before anything is started. */
export async function addLearner(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const { declaration, node } = await ports.places.at(mandate);
  const reach = await access(ports, declaration);
  const staying = controlPlaneNames(declaration);
  const learner = { peerUrl: peerUrl(node.address), wantedSize: staying.length, staying };
  const etcd = await steadyEtcd({
    ports,
    declaration,
    may: (seen) => mayAddLearner({ ...learner, etcd: seen, stableSeconds: stableSeconds(seen) }),
  });
  await ports.fence.mayAct(mandate);
  const memberId = await ports.etcd.addLearner({ ...reach, ...learner, stableSeconds: stableSeconds(etcd) });
  await changeRecord(ports, mandate, (membership) => {
    if (membership?.state !== 'first-start') throw staleBootstrap(mandate.node);
    return { ...membership, memberId };
  });
}

/** W-04: an empty directory is started on for a learner that never was; one that has begun already is only started again. */
export async function startLearner(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
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

/** A learner votes when it has been in sync for long enough, and runs as it is wanted (I-07). */
export async function promoteLearner(ports: EtcdPorts, mandate: NodeMandate & { memberId: string }): Promise<void> {
  const { memberId } = mandate;
  const place = await ports.places.at(mandate);
  const learner = (seen: ObservedEtcd) => ({
    memberId,
    staying: controlPlaneNames(place.declaration),
    caughtUpSeconds: steadyFor(seen, memberId, 'synced'),
  });
  const etcd = await steadyEtcd({
    ports,
    declaration: place.declaration,
    may: (seen) => mayPromote({ ...learner(seen), etcd: seen, directory: 'matches' }),
  });
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
