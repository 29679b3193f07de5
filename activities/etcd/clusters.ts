import { setTimeout as sleep } from 'node:timers/promises';
import { demand } from '../../cluster/etcd/demand.ts';
import { leaderOf } from '../../cluster/etcd/quorum.ts';
import type { ObservedEtcd } from '../../cluster/etcd/quorum.ts';
import { mayMoveLeader } from '../../cluster/etcd/restart.ts';
import type { EtcdUser } from '../../cluster/etcd/user.ts';
import type { EtcdObservation } from '../../cluster/observation.ts';
import { createProber } from './probe.ts';
import { createSteadiness } from './steadiness.ts';
import { takeSnapshot, type Snapshot, type SnapshotOrder } from './snapshot.ts';
import { authenticationState, setUpAuthentication } from './authentication.ts';
import { asCkeError, unavailable } from './etcd-errors.ts';
import { createEtcdGateways } from './gateways.ts';
import type { EtcdReach } from './gateways.ts';
import type { EtcdGateway, Page, PageQuery } from './gateway.ts';
import { ensureEtcdUser } from './users.ts';
import { memberships } from './members.ts';
import type { Memberships } from './members.ts';
import { clientUrlOf, observeMembers } from './observe.ts';
import type { ObserveEtcd } from './observe.ts';

/** The etcd of the Kubernetes clusters. Gateways stay open from call to call. */
export interface EtcdClusters extends Memberships {
  /** Two calls a member in the steady state. Never throws for a sick cluster. */
  observe(reach: ObserveEtcd): Promise<EtcdObservation>;
  /** Idempotent, also after a half done attempt. @throws CkeError EtcdUnavailable, EtcdRefused */
  enableAuthentication(reach: EtcdReach): Promise<void>;
  /** Idempotent, also after a half done attempt. @throws CkeError EtcdUnavailable, EtcdRefused, InvalidRequest */
  ensureUser(asked: EtcdReach & { wanted: EtcdUser }): Promise<void>;
  /** Moves leadership to the member with this id, unless it leads already. @throws CkeError QuorumAtRisk, EtcdUnavailable, EtcdRefused */
  moveLeader(move: EtcdReach & { to: string }): Promise<void>;
  /** Streams a snapshot of a voter in sync into a file below the directory, and verifies it (W-10). */
  snapshot(order: ObserveEtcd & SnapshotOrder): Promise<Snapshot>;
  /** Some keys below a prefix with the start of their values, asked of a voter in sync. @throws CkeError EtcdUnavailable, EtcdRefused */
  page(query: ObserveEtcd & { query: PageQuery }): Promise<Page>;
  close(): void;
}

export interface EtcdClustersOptions {
  /** Deadline of each call, in milliseconds; 2000 unless told. */
  timeoutMs?: number;
}

/** How often, and how long apart, it is looked whether a new leader is known to all. */
const [looks, pauseMs] = [10, 100];

/** For so long authentication that was seen on is taken to be on: asking is a write to etcd's log. */
const authenticationMemoryMs = 300_000;

export function createEtcdClusters({ timeoutMs = 2_000 }: EtcdClustersOptions = {}): EtcdClusters {
  const gateways = createEtcdGateways({ timeoutMs });
  const looking = { gateways, prober: createProber() };
  const seenEnabled = new Map<string, number>();
  const steadiness = createSteadiness();

  const authenticationOf = async (reach: EtcdReach, etcd: ObservedEtcd) => {
    const key = `${reach.cluster} ${etcd.clusterId}`;
    if (Date.now() - (seenEnabled.get(key) ?? 0) < authenticationMemoryMs) return 'enabled';
    const state = await authenticationState(syncedGateway(reach, etcd));
    if (state === 'enabled') seenEnabled.set(key, Date.now());
    return state;
  };
  const syncedGateway = (reach: EtcdReach, etcd: ObservedEtcd): EtcdGateway => {
    const synced = etcd.members.find(
      ({ role, sync, leader }) => role === 'voter' && sync === 'synced' && leader === 'leader',
    );
    const member = synced ?? etcd.members.find(({ role, sync }) => role === 'voter' && sync === 'synced');
    const endpoint = member && clientUrlOf(member);
    if (endpoint === undefined) throw unavailable(reach.cluster, 'none of its voters is in sync');
    return gateways.at(reach, endpoint);
  };
  const observe = async (reach: ObserveEtcd): Promise<EtcdObservation> => {
    const etcd = await observeMembers(looking, reach);
    const noted = steadiness.note(reach.cluster, etcd);
    if (
      noted.state === 'unobservable' ||
      !noted.members.some(({ role, sync }) => role === 'voter' && sync === 'synced')
    )
      return noted;
    return { ...noted, authentication: await authenticationOf(reach, noted) };
  };
  /** Fresh facts, right before a call. */
  const facts = async (reach: ObserveEtcd): Promise<ObservedEtcd> => {
    const etcd = await observeMembers(looking, reach);
    if (etcd.state === 'unobservable') throw unavailable(reach.cluster, etcd.because);
    return etcd;
  };

  return {
    observe,
    async enableAuthentication(reach) {
      await asCkeError(
        reach.cluster,
        'set up authentication',
        setUpAuthentication(syncedGateway(reach, await facts(reach))),
      );
    },
    async ensureUser({ wanted, ...reach }) {
      const gateway = syncedGateway(reach, await facts(reach));
      await asCkeError(reach.cluster, `make the user ${wanted.user}`, ensureEtcdUser(gateway, wanted));
    },
    async moveLeader({ to, ...reach }) {
      const before = await facts(reach);
      const leader = leaderOf(before);
      if (leader?.id === to) return;
      demand(mayMoveLeader({ etcd: before, to }), `move the leadership of etcd of ${reach.cluster}`);
      const endpoint = leader && clientUrlOf(leader);
      if (endpoint === undefined) throw unavailable(reach.cluster, 'it has no leader that can be asked');
      await asCkeError(reach.cluster, 'move its leadership', gateways.at(reach, endpoint).moveLeader(to));
      for (let look = 0; look < looks; look++) {
        if (leaderOf(await facts(reach))?.id === to) return;
        await sleep(pauseMs);
      }
      throw unavailable(reach.cluster, `member ${to} does not lead after its leadership was moved there`);
    },
    async snapshot(input) {
      const etcd = await facts(input);
      // A follower is not slowed down in what all wait for.
      const voters = etcd.members.filter(({ role, sync }) => role === 'voter' && sync === 'synced');
      const member = voters.find(({ leader }) => leader === 'follower') ?? voters[0];
      const endpoint = member && clientUrlOf(member);
      if (endpoint === undefined) throw unavailable(input.cluster, 'none of its voters is in sync');
      const { revision } = await asCkeError(input.cluster, 'tell its revision', gateways.at(input, endpoint).status());
      const alarms = [...new Set(etcd.members.flatMap((one) => one.alarms))];
      return takeSnapshot({ ...input, endpoint, clusterId: etcd.clusterId, revision, alarms });
    },
    async page({ query, ...reach }) {
      const gateway = syncedGateway(reach, await facts(reach));
      return asCkeError(reach.cluster, 'read its keys', gateway.page(query));
    },
    ...memberships({
      facts,
      gatewayOf: (reach, member) => gateways.at(reach, clientUrlOf(member) ?? ''),
      syncedGateway,
    }),
    close: () => gateways.close(),
  };
}
