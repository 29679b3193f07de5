import { agree } from '../../cluster/etcd/agreement.ts';
import { quorum } from '../../cluster/etcd/quorum.ts';
import type { EtcdMember, EtcdObservation, EtcdRecord } from '../../cluster/observation.ts';
import { clientUrl, peerUrl } from './gateways.ts';
import type { EtcdGateways, EtcdReach } from './gateways.ts';
import type { ListedMember, MemberList } from './gateway.ts';
import { assessMember, leaderAmong } from './assess.ts';
import type { Probe, Prober } from './probe.ts';

export interface ObserveEtcd extends EtcdReach {
  /**
   * Ids of members that are on record. With them, a cluster that has none of these is not taken for ours: a wiped member that
   * was started by hand founds a cluster of its own, healthy and empty.
   */
  knownMembers?: readonly string[] | undefined;
}

/** The ids on record, for `knownMembers`; undefined while the record names none. */
export function knownMembersOf(record: EtcdRecord): readonly string[] | undefined {
  if (record.state !== 'done') return undefined;
  const ids = Object.values(record.memberships).flatMap(({ memberId, state }) =>
    state === 'removed' || memberId === undefined ? [] : memberId,
  );
  return ids.length > 0 ? ids : undefined;
}

/** Probes by endpoint. */
export type Probes = ReadonlyMap<string, Probe>;

interface Looking {
  gateways: EtcdGateways;
  prober: Prober;
}

/**
 * Looks at each member alone and at the same time, and puts the answers together. Never throws for a sick cluster: it is
 * `unobservable` when no member can read through a quorum, or when the members do not agree (I-14).
 */
export async function observeMembers(looking: Looking, reach: ObserveEtcd): Promise<EtcdObservation> {
  const first = await lookOnce(looking, reach);
  // Lists read a moment apart differ when a change is committed in between: only a lasting difference counts.
  return (first.lists === 'differ' ? await lookOnce(looking, reach) : first).etcd;
}

interface Look {
  etcd: EtcdObservation;
  lists: 'agree' | 'differ' | 'none';
}

async function lookOnce({ gateways, prober }: Looking, reach: ObserveEtcd): Promise<Look> {
  const probe = async (endpoint: string) => [endpoint, await prober.probe(gateways.at(reach, endpoint))] as const;
  const declared = reach.nodes.map(({ address }) => clientUrl(address));
  const probes = new Map(await Promise.all(declared.map(probe)));
  const view = authoritativeView(reach, probes);
  if (view.state === 'none') return { etcd: { state: 'unobservable', because: view.because }, lists: 'none' };
  const strays = view.list.members
    .flatMap((member) => endpointOf(reach, member) ?? [])
    .filter((one) => !probes.has(one));
  for (const [endpoint, answer] of await Promise.all(strays.map(probe))) probes.set(endpoint, answer);
  gateways.keepOnly(reach.cluster, [...probes.keys()]);
  const agreement = agree(viewsOf(reach, probes, view.list.clusterId));
  if (agreement.kind === 'disagreed')
    return { etcd: { state: 'unobservable', because: agreement.because }, lists: 'differ' };
  const leaderId = leaderAmong(probes, view.list.clusterId);
  const members = view.list.members.map((member): EtcdMember => {
    const endpoint = endpointOf(reach, member);
    const node = nodeOf(reach, member);
    const answer = endpoint === undefined ? undefined : probes.get(endpoint);
    return assessMember({ member, node, probe: answer, clusterId: view.list.clusterId, leaderId, probes });
  });
  const { clusterId } = view.list;
  return { etcd: { state: 'observed', clusterId, members, authentication: 'unknown' }, lists: 'agree' };
}

type View = { state: 'read'; list: MemberList } | { state: 'none'; because: string };

/**
 * The member list of the cluster that is ours: read through a quorum, told by the most members, and with a member on record. A
 * wiped member that founded a cluster of its own tells another one, and is outvoted.
 */
function authoritativeView({ nodes, knownMembers }: ObserveEtcd, probes: Probes): View {
  const lists = [...probes.values()].flatMap((probe) =>
    probe.state === 'answered' && probe.view.state === 'read' ? [probe.view.list] : [],
  );
  const ours = lists.filter(
    ({ members }) => knownMembers === undefined || members.some(({ id }) => knownMembers.includes(id)),
  );
  const supporters = (list: MemberList) => ours.filter(({ clusterId }) => clusterId === list.clusterId).length;
  const [best] = ours.toSorted((a, b) => supporters(b) - supporters(a));
  if (best === undefined) return { state: 'none', because: nobodyReads(nodes, probes, lists.length) };
  const rival = ours.find((list) => list.clusterId !== best.clusterId && supporters(list) === supporters(best));
  if (rival === undefined) return { state: 'read', list: best };
  return {
    state: 'none',
    because: `there are two clusters, ${best.clusterId} and ${rival.clusterId}, told by as many members each`,
  };
}

function nobodyReads(nodes: EtcdReach['nodes'], probes: Probes, foreign: number): string {
  const each = nodes.map(({ name, address }) => `${name}: ${conditionOf(probes.get(clientUrl(address)))}`).join('; ');
  const what = foreign > 0 ? 'only a cluster with none of our members answers' : 'no member can read through a quorum';
  return `${what} (${quorum(nodes.length)} of ${nodes.length} control planes are one): ${each}`;
}

function conditionOf(probe: Probe | undefined): string {
  if (probe === undefined) return 'not asked';
  if (probe.state !== 'answered') return probe.because;
  return probe.view.state === 'failed' ? probe.view.because : `belongs to cluster ${probe.status.clusterId}`;
}

function viewsOf({ nodes }: ObserveEtcd, probes: Probes, clusterId: string) {
  const label = (endpoint: string) => nodes.find(({ address }) => clientUrl(address) === endpoint)?.name ?? endpoint;
  return [...probes].flatMap(([endpoint, probe]) =>
    probe.state === 'answered' && probe.view.state === 'read' && probe.view.list.clusterId === clusterId
      ? [{ from: label(endpoint), ...probe.view.list }]
      : [],
  );
}

function nodeOf({ nodes }: ObserveEtcd, { peerUrls }: ListedMember): string | undefined {
  return nodes.find(({ address }) => peerUrls.includes(peerUrl(address)))?.name;
}

/** Where a member is asked: at its node, else where it says that it serves clients. */
function endpointOf({ nodes }: ObserveEtcd, { peerUrls, clientUrls }: ListedMember): string | undefined {
  const node = nodes.find(({ address }) => peerUrls.includes(peerUrl(address)));
  return node ? clientUrl(node.address) : clientUrls[0];
}

/** Where a member of an observation is reached, by the port that etcd has on all our nodes. */
export function clientUrlOf({ peerUrls }: EtcdMember): string | undefined {
  const [url] = peerUrls;
  return url === undefined ? undefined : `https://${new URL(url).hostname}:2379`;
}
