import { etcdDataDirectory } from '../../../cluster/components/etcd.ts';
import { departedGraceSeconds } from '../../../cluster/decide/membership-failed.ts';
import type { Declaration } from '../../../cluster/declaration/declaration.ts';
import { controlPlanes, isControlPlane, controlPlaneNames } from '../../../cluster/declaration/nodes.ts';
import { demand } from '../../../cluster/etcd/demand.ts';
import { memberById, stableSeconds, steadyFor, type ObservedEtcd } from '../../../cluster/etcd/quorum.ts';
import {
  failureCause,
  mayRemoveFailedVoter,
  mayRemoveHealthyVoter,
  mayRemoveLearner,
} from '../../../cluster/etcd/removal.ts';
import { refused, type Verdict } from '../../../cluster/etcd/verdict.ts';
import type { Membership } from '../../../cluster/observation.ts';
import type { EtcdActivities } from '../../contracts/steps.ts';
import type { NodeMandate } from '../../contracts/mandates.ts';
import { atRisk, membershipOf, recordedMembership } from './record.ts';
import { access, steadyEtcd, type EtcdPorts } from '../etcd-access.ts';

type Removal = Parameters<EtcdActivities['removeMember']>[0];

/** Each manner has rules of its own; a member of a declared control plane is only removed as a learner that never came up, or without data. */
export async function removeMember(ports: EtcdPorts, mandate: Removal): Promise<void> {
  const { memberId, manner, node } = mandate;
  const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
  const reach = await access(ports, declaration);
  const recorded = await recordedMembership(ports, mandate);
  const facts = { declaration, recorded };
  const etcd = await steadyEtcd({ ports, declaration, may: (seen) => mayRemove(mandate, facts, seen) });
  const member = memberById(etcd, memberId);
  if (member === undefined) return;
  const act = `remove the etcd member of ${node}`;
  if (member.node !== node) demand(refused('I-11', `member ${memberId} is not that of ${node}`), act);
  if (manner !== 'learner' && manner !== 'lost-data' && isControlPlane(declaration, node))
    demand(refused('I-09', `${node} is declared as a control plane`), act);
  if (manner === 'lost-data') await demandNoData(ports, mandate);
  await ports.fence.mayAct(mandate);
  if (manner === 'learner') return ports.etcd.removeLearner({ ...reach, memberId, recorded });
  if (manner === 'healthy-voter')
    return ports.etcd.removeHealthyVoter({ ...reach, ...healthyVoter(mandate, declaration, etcd) });
  await ports.etcd.removeFailedVoter({ ...reach, ...failedVoter(mandate, etcd) });
}

interface RemovalFacts {
  declaration: Declaration;
  recorded: Membership | undefined;
}

function mayRemove(removal: Removal, { declaration, recorded }: RemovalFacts, etcd: ObservedEtcd): Verdict {
  const { manner, memberId } = removal;
  if (manner === 'learner') return mayRemoveLearner({ etcd, memberId, recorded });
  if (manner === 'healthy-voter') return mayRemoveHealthyVoter({ ...healthyVoter(removal, declaration, etcd), etcd });
  return mayRemoveFailedVoter({ ...failedVoter(removal, etcd), etcd });
}

const healthyVoter = ({ memberId }: Removal, declaration: Declaration, etcd: ObservedEtcd) => ({
  memberId,
  wantedSize: controlPlanes(declaration).length,
  staying: controlPlaneNames(declaration),
  stableSeconds: stableSeconds(etcd),
});

const failedVoter = ({ memberId, manner }: Removal, etcd: ObservedEtcd) => ({
  memberId,
  cause: failureCause(memberById(etcd, memberId), manner === 'lost-data' ? 'directory-lost' : 'not-declared'),
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
