import { etcdDataDirectory, isSettledSpec } from '../../cluster/components/etcd.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { isControlPlane } from '../../cluster/declaration/nodes.ts';
import { mayRestartMember } from '../../cluster/decide/etcd-maintenance.ts';
import { CkeError } from '../../cluster/errors.ts';
import { mayStartVoter } from '../../cluster/etcd/directory.ts';
import { leaderOf, type ObservedEtcd } from '../../cluster/etcd/quorum.ts';
import { nextLeader } from '../../cluster/etcd/restart.ts';
import type { EtcdObservation, Membership } from '../../cluster/observation.ts';
import type { NodeMandate } from '../contracts/mandates.ts';
import { readLabels } from '../labels.ts';
import { bringImage, gone, isWanted, replaceContainer } from './containers.ts';
import { access, steadyEtcd, type EtcdPorts } from './etcd-access.ts';
import { staleBootstrap } from './etcd-bootstrap.ts';
import type { BarePlace } from './places.ts';

/** Another member leads from now on, if the one on this node does and another is in sync (finding 8). */
export async function moveLeaderAway(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
  const reach = await access(ports, declaration);
  const seen = await ports.etcd.observe(reach);
  const to = seen.state === 'observed' ? successorOf(declaration, seen, mandate.node) : undefined;
  if (to !== undefined) await handOver(ports, mandate, { reach, to });
}

/** Id of who leads from now on when the member on this node leads; undefined when it doesn't, or when no other is in sync. */
function successorOf(declaration: Declaration, seen: ObservedEtcd, leading: string): string | undefined {
  const leader = leaderOf(seen);
  if (leader?.node !== leading) return undefined;
  // One that is to leave itself would have to hand it over again.
  const staying = seen.members.filter(({ node }) => node !== undefined && isControlPlane(declaration, node));
  return nextLeader({ ...seen, members: staying }, leader.id) ?? nextLeader(seen, leader.id);
}

interface Handing {
  reach: Awaited<ReturnType<typeof access>>;
  /** Id of the member. */
  to: string;
}

async function handOver({ fence, etcd }: EtcdPorts, mandate: NodeMandate, { reach, to }: Handing): Promise<void> {
  await fence.mayAct(mandate);
  await etcd.moveLeader({ ...reach, to });
}

/**
 * Rules I-03, W-05, W-06 on fresh facts: a voter is started only on an intact directory (so one whose directory was emptied under
 * it is not stopped either), and a running one is stopped only when the quorum and one failure's margin bear it.
 */
export async function restartMember(ports: EtcdPorts, mandate: NodeMandate & { containerId?: string }): Promise<void> {
  const place = await ports.places.ofMember(mandate);
  const container = await place.docker.inspect('etcd');
  const membership = await standingMembership(ports, mandate);
  const spec = membership.state === 'settled' ? 'settled' : 'first';
  await demandStartable(mandate, { place, membership, spec });
  // Before the check: a pull may take minutes, and what was checked has to hold when the member stops.
  await bringImage({ place, fence: ports.fence, mandate: { ...mandate, component: 'etcd' } });
  const replaced =
    container !== undefined && container.id !== mandate.containerId && isWanted(await place.wanted('etcd'), container);
  if (container?.state === 'running' && !replaced) await demandRestartable(ports, mandate, place.declaration);
  await replaceContainer({ place, fence: ports.fence, mandate: { ...mandate, component: 'etcd' } });
}

/** Rules W-05, W-06: without a quorum, too; it is how a lost one comes back. */
export async function startMember(ports: EtcdPorts, mandate: NodeMandate & { containerId: string }): Promise<void> {
  const place = await ports.places.anywhere(mandate);
  const membership = await standingMembership(ports, mandate);
  const container = await place.docker.inspect(mandate.containerId);
  if (container === undefined) throw gone({ ...mandate, component: 'etcd' });
  const spec = isSettledSpec(readLabels(container.labels).spec ?? '') ? 'settled' : 'first';
  await demandStartable(mandate, { place, membership, spec });
  await ports.fence.mayAct(mandate);
  if ((await place.docker.start(mandate.containerId)) === 'gone') throw gone({ ...mandate, component: 'etcd' });
}

interface Start {
  place: BarePlace;
  membership: Membership;
  spec: 'settled' | 'first';
}

/** W-05, W-06: looked at right before. */
async function demandStartable({ node }: NodeMandate, { place, membership, spec }: Start): Promise<void> {
  const directory = etcdDataDirectory(place.declaration, membership.directory);
  const verdict = mayStartVoter({ directory: await place.files.directoryState(directory), spec });
  if (verdict.kind !== 'allowed') throw atRisk(node, `${verdict.because} (${directory})`);
}

async function standingMembership({ store }: EtcdPorts, { cluster, node }: NodeMandate): Promise<Membership> {
  const { record } = await store.records.getEtcdRecord(cluster);
  const membership = record.state === 'never' ? undefined : record.memberships[node];
  if (membership === undefined || membership.state === 'removed') throw staleBootstrap(node);
  return membership;
}

/** As soon as the others can do without it. Leadership that has come back meanwhile is handed over, and what holds then is what counts. */
async function demandRestartable(ports: EtcdPorts, mandate: NodeMandate, declaration: Declaration): Promise<void> {
  const may = (etcd: EtcdObservation) => mayRestartMember(declaration, etcd, mandate.node);
  const look = async () => {
    const seen = await steadyEtcd({ ports, declaration, may });
    const verdict = may(seen);
    if (verdict.kind !== 'allowed') throw atRisk(mandate.node, verdict.because);
    return successorOf(declaration, seen, mandate.node);
  };
  const to = await look();
  if (to === undefined) return;
  await handOver(ports, mandate, { reach: await access(ports, declaration), to });
  if ((await look()) !== undefined)
    throw atRisk(mandate.node, 'it leads again, although another was given the leadership');
}

function atRisk(node: string, because: string): CkeError {
  return new CkeError({
    code: 'QuorumAtRisk',
    message: `the etcd member on ${node} is not restarted: ${because}`,
    node,
    fix: `cke-client why ${node}`,
    remedy: 'never',
  });
}
