import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { etcdDataDirectory } from '../../cluster/components/etcd.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { controlPlanes } from '../../cluster/declaration/nodes.ts';
import { CkeError } from '../../cluster/errors.ts';
import { mayRestartMember } from '../../cluster/decide/etcd-maintenance.ts';
import { leaderOf, type ObservedEtcd } from '../../cluster/etcd/quorum.ts';
import type { EtcdMember, EtcdObservation, EtcdRecord } from '../../cluster/observation.ts';
import type { EtcdActivities } from '../contracts/steps.ts';
import type { Mandate, NodeMandate } from '../contracts/mandates.ts';
import { bringImage, gone, isWanted, replaceContainer } from './containers.ts';
import type { BarePlace } from './places.ts';
import type { MembershipActivities } from './membership/activities.ts';
import { access, steadyEtcd, type EtcdPorts } from './etcd-access.ts';

const pollMilliseconds = 150;
const patienceMilliseconds = 45_000;

export interface BootstrapPorts extends EtcdPorts {
  /** Records with what Secrets are to be encrypted, unless that is on record. */
  recordEncryption(declaration: Declaration): Promise<void>;
}

/** What is done to a cluster's etcd; each checks on fresh facts right before it acts (DESIGN §7). */
export function etcdActivities(ports: BootstrapPorts): Omit<EtcdActivities, keyof MembershipActivities> {
  return {
    recordBootstrap: (mandate) => recordBootstrap(ports, mandate),
    createDataDirectory: (mandate) => createDataDirectory(ports, mandate),
    concludeBootstrap: (mandate) => concludeBootstrap(ports, mandate),
    moveLeaderAway: (mandate) => moveLeaderAway(ports, mandate),
    restartMember: (mandate) => restartMember(ports, mandate),
    startMember: (mandate) => startMember(ports, mandate),
    awaitMemberSynced: (mandate) => awaitMemberSynced(ports, mandate),
    async enableEtcdAuthentication(mandate) {
      const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
      await ports.fence.mayAct(mandate);
      await ports.etcd.enableAuthentication(await access(ports, declaration));
    },
  };
}

/** The record comes before the first process (W-04): a bootstrap that was interrupted goes on with the same token. */
async function recordBootstrap(ports: BootstrapPorts, mandate: Mandate): Promise<void> {
  const { store, fence, declarations } = ports;
  const { record, version } = await store.records.getEtcdRecord(mandate.cluster);
  if (record.state !== 'never') return;
  const { declaration } = await declarations.get(mandate.cluster, mandate.revision);
  const memberships = Object.fromEntries(
    controlPlanes(declaration).map(({ name }) => [
      name,
      { directory: `m-${randomBytes(6).toString('hex')}`, state: 'first-start' as const },
    ]),
  );
  const born: EtcdRecord = { state: 'started', token: `cke-${randomBytes(16).toString('hex')}`, memberships };
  await fence.mayAct(mandate);
  await ports.recordEncryption(declaration);
  await store.records.putEtcdRecord(mandate.cluster, born, { version, epoch: mandate.epoch });
}

async function createDataDirectory({ places, store, fence }: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const { declaration, files } = await places.at(mandate);
  const { record } = await store.records.getEtcdRecord(mandate.cluster);
  const membership = record.state === 'never' ? undefined : record.memberships[mandate.node];
  if (membership?.state !== 'first-start') throw staleBootstrap(mandate.node);
  await fence.mayAct(mandate);
  await files.makeDirectories([{ path: etcdDataDirectory(declaration, membership.directory), mode: '0700' }]);
}

export function staleBootstrap(node: string): CkeError {
  return new CkeError({
    code: 'StalePlan',
    message: `${node} has no etcd member that is to be started`,
    node,
    remedy: 'never',
  });
}

async function concludeBootstrap(ports: EtcdPorts, mandate: Mandate): Promise<void> {
  const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
  const masters = controlPlanes(declaration);
  const members = await until(
    async () => {
      const seen = await ports.etcd.observe(await access(ports, declaration));
      const synced = syncedMembers(seen);
      return synced.length === masters.length ? synced : sayEtcd(seen, masters.length);
    },
    (because) =>
      notSynced(`etcd was started on ${masters.map(({ name }) => name).join(', ')}, and is not in sync`, because),
  );
  const { record, version } = await ports.store.records.getEtcdRecord(mandate.cluster);
  if (record.state !== 'started') return;
  const memberships = Object.fromEntries(
    Object.entries(record.memberships).map(([name, membership]) => {
      const memberId = members.find(({ node }) => node === name)?.id;
      return [name, { ...membership, state: 'settled' as const, ...(memberId !== undefined && { memberId }) }];
    }),
  );
  await ports.fence.mayAct(mandate);
  const done: EtcdRecord = { ...record, state: 'done', memberships };
  await ports.store.records.putEtcdRecord(mandate.cluster, done, { version, epoch: mandate.epoch });
}

function syncedMembers(seen: EtcdObservation): EtcdMember[] {
  return seen.state === 'observed' ? seen.members.filter(({ sync }) => sync === 'synced') : [];
}

function sayEtcd(seen: EtcdObservation, wanted: number): string {
  if (seen.state === 'unobservable') return seen.because;
  const sick = seen.members.filter(({ sync }) => sync !== 'synced').map(({ node, because }) => `${node}: ${because}`);
  return `${seen.members.length - sick.length} of ${wanted} members are in sync; ${sick.join('; ')}`;
}

async function moveLeaderAway(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
  const reach = await access(ports, declaration);
  const seen = await ports.etcd.observe(reach);
  const to = seen.state === 'observed' ? successorOf(seen, mandate.node) : undefined;
  if (to !== undefined) await handOver(ports, mandate, { reach, to });
}

/** Who leads from now on when the member on this node leads; undefined when it doesn't, or when no other is in sync. */
function successorOf(seen: ObservedEtcd, leading: string): EtcdMember | undefined {
  if (leaderOf(seen)?.node !== leading) return undefined;
  return seen.members.find(({ node, role, sync }) => node !== leading && role === 'voter' && sync === 'synced');
}

interface Handing {
  reach: Awaited<ReturnType<typeof access>>;
  to: EtcdMember;
}

async function handOver({ fence, etcd }: EtcdPorts, mandate: NodeMandate, { reach, to }: Handing): Promise<void> {
  await fence.mayAct(mandate);
  await etcd.moveLeader({ ...reach, to: to.id });
}

/**
 * Rules I-03, W-04, W-05 on fresh facts: a voter is started only on an intact directory (so one whose directory was emptied under
 * it is not stopped either), and a running one is stopped only when the quorum and one failure's margin bear it.
 */
async function restartMember(ports: EtcdPorts, mandate: NodeMandate & { containerId?: string }): Promise<void> {
  const place = await ports.places.at(mandate);
  const container = await place.docker.inspect('etcd');
  await demandIntact(ports, mandate, place);
  // Before the check: a pull may take minutes, and what was checked has to hold when the member stops.
  await bringImage({ place, fence: ports.fence, mandate: { ...mandate, component: 'etcd' } });
  const replaced =
    container !== undefined && container.id !== mandate.containerId && isWanted(await place.wanted('etcd'), container);
  if (container?.state === 'running' && !replaced) await demandRestartable(ports, mandate, place.declaration);
  await replaceContainer({ place, fence: ports.fence, mandate: { ...mandate, component: 'etcd' } });
}

/** Rules W-04, W-05: without a quorum, too; it is how a lost one comes back. */
async function startMember(ports: EtcdPorts, mandate: NodeMandate & { containerId: string }): Promise<void> {
  const place = await ports.places.anywhere(mandate);
  await demandIntact(ports, mandate, place);
  await ports.fence.mayAct(mandate);
  if ((await place.docker.start(mandate.containerId)) === 'gone') throw gone({ ...mandate, component: 'etcd' });
}

async function demandIntact(
  { store }: EtcdPorts,
  { cluster, node }: NodeMandate,
  { declaration, files }: BarePlace,
): Promise<void> {
  const { record } = await store.records.getEtcdRecord(cluster);
  const membership = record.state === 'never' ? undefined : record.memberships[node];
  if (membership === undefined || membership.state === 'removed') throw staleBootstrap(node);
  const directory = etcdDataDirectory(declaration, membership.directory);
  const state = await files.directoryState(directory);
  if (state !== 'intact') throw atRisk(node, `its data directory ${directory} is ${state}`);
}

/** As soon as the others can do without it. Leadership that has come back meanwhile is handed over, and what holds then is what counts. */
async function demandRestartable(ports: EtcdPorts, mandate: NodeMandate, declaration: Declaration): Promise<void> {
  const may = (etcd: EtcdObservation) => mayRestartMember(declaration, etcd, mandate.node);
  const look = async () => {
    const seen = await steadyEtcd({ ports, declaration, may });
    const verdict = may(seen);
    if (verdict.kind !== 'allowed') throw atRisk(mandate.node, verdict.because);
    return successorOf(seen, mandate.node);
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

async function awaitMemberSynced(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
  const reach = await access(ports, declaration);
  await until(
    async () => {
      const seen = await ports.etcd.observe(reach);
      const mine = syncedMembers(seen).find(({ node }) => node === mandate.node);
      return mine ? [mine] : sayEtcd(seen, reach.nodes.length);
    },
    (because) =>
      notSynced(`the etcd member on ${mandate.node} was restarted, and is not in sync`, because, mandate.node),
  );
}

/** Asks again until it gets something else than a reason; throws what `fail` makes of the last reason. */
async function until<T extends object>(
  ask: () => Promise<T | string>,
  fail: (because: string) => CkeError,
): Promise<T> {
  const deadline = Date.now() + patienceMilliseconds;
  for (;;) {
    const answer = await ask();
    if (typeof answer !== 'string') return answer;
    if (Date.now() > deadline) throw fail(answer);
    await sleep(pollMilliseconds);
  }
}

function notSynced(message: string, got: string, node?: string): CkeError {
  return new CkeError({
    code: 'NotHealthy',
    message,
    got,
    ...(node !== undefined && { node }),
    fix: 'docker logs etcd on the nodes named above',
    remedy: 'never',
  });
}
