import type { Etcd3 } from 'etcd3';
import { openEtcdClient } from './client.ts';
import type { EtcdClientOptions } from './client.ts';
import { classifyEtcdError } from './failure.ts';
import type { EtcdFailure } from './failure.ts';

/** What a member says about itself. Ids and indexes are decimal strings. */
export interface MemberStatus {
  clusterId: string;
  memberId: string;
  leaderId: string;
  term: string;
  revision: string;
  appliedIndex: string;
  version: string;
  role: 'voter' | 'learner';
  /** Alarms of the whole cluster. */
  alarms: { memberId: string; alarm: string }[];
}

export interface ListedMember {
  id: string;
  name: string;
  peerUrls: string[];
  clientUrls: string[];
  role: 'voter' | 'learner';
}

export interface MemberList {
  clusterId: string;
  members: ListedMember[];
}

/** A call that did not end well, with what that means (reliability appendix B). */
export class EtcdCallError extends Error {
  readonly failure: EtcdFailure;
  readonly endpoint: string;

  constructor(endpoint: string, failure: EtcdFailure) {
    super(`${endpoint}: ${failure.because}`);
    this.name = 'EtcdCallError';
    this.failure = failure;
    this.endpoint = endpoint;
  }
}

/** One etcd member: every call goes to it alone, once, and ends within the deadline. Throws EtcdCallError. */
export interface EtcdGateway {
  readonly endpoint: string;
  status(): Promise<MemberStatus>;
  /** Linearizable: it ends only when this member has caught up with the quorum. */
  members(): Promise<MemberList>;
  addLearner(peerUrl: string): Promise<ListedMember>;
  promote(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  moveLeader(to: string): Promise<void>;
  /** Users, roles and the switch of authentication. */
  auth<T>(call: (client: Etcd3['auth']) => Promise<T>): Promise<T>;
  /** Some keys below a prefix, in their order; linearizable. */
  page(query: PageQuery): Promise<Page>;
  close(): void;
}

export interface PageQuery {
  prefix: string;
  /** The last key of the page before. */
  after?: string;
  limit: number;
  /** What is to be known of a value: nothing else of it is kept. */
  mark: (value: Uint8Array) => string;
}

export interface Page {
  entries: { key: string; mark: string }[];
  /** How many keys there are from the first of these on. */
  left: number;
  /** Whether there are keys behind the last one. */
  more: 'yes' | 'no';
}

export function openEtcdGateway(options: EtcdClientOptions): EtcdGateway {
  const { endpoint } = options;
  const client = openEtcdClient(options);
  const calling = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      throw new EtcdCallError(endpoint, classifyEtcdError(error));
    }
  };
  return {
    endpoint,
    status: async () => statusOf(await calling(client.maintenance.status())),
    members: async () => {
      const { header, members } = await calling(client.cluster.memberList({ linearizable: true }));
      return { clusterId: header.cluster_id, members: members.map(listedMember) };
    },
    addLearner: async (peerUrl) =>
      listedMember((await calling(client.cluster.memberAdd({ peerURLs: [peerUrl], isLearner: true }))).member),
    promote: async (id) => void (await calling(client.cluster.memberPromote({ ID: id }))),
    remove: async (id) => void (await calling(client.cluster.memberRemove({ ID: id }))),
    moveLeader: async (to) => void (await calling(client.maintenance.moveLeader({ targetID: to }))),
    auth: (call) => calling(call(client.auth)),
    page: async (query) => pageOf(query, await calling(rangeOf(client, query))),
    close: () => client.close(),
  };
}

type RangeResponse = Awaited<ReturnType<typeof rangeOf>>;

function rangeOf(client: Etcd3, { prefix, after, limit }: PageQuery) {
  // The first key behind all with that prefix: every prefix here ends with a slash.
  const end = `${prefix.slice(0, -1)}0`;
  const start = after === undefined ? prefix : `${after}\0`;
  return client.getAll().inRange({ start, end }).limit(limit).exec();
}

function pageOf({ mark }: PageQuery, { kvs, more, count }: RangeResponse): Page {
  const entries = kvs.map(({ key, value }) => ({
    key: key.toString(),
    mark: mark(value),
  }));
  return { entries, left: Number(count), more: more ? 'yes' : 'no' };
}

type StatusResponse = Awaited<ReturnType<Etcd3['maintenance']['status']>>;
type MemberMessage = Awaited<ReturnType<Etcd3['cluster']['memberList']>>['members'][number];

function statusOf(answer: StatusResponse): MemberStatus {
  return {
    clusterId: answer.header.cluster_id,
    memberId: answer.header.member_id,
    leaderId: answer.leader,
    term: answer.raftTerm,
    revision: answer.header.revision,
    appliedIndex: answer.raftAppliedIndex,
    version: answer.version,
    role: answer.isLearner ? 'learner' : 'voter',
    alarms: answer.errors.flatMap(alarmOf),
  };
}

/** Status tells alarms as text, `memberID:123 alarm:NOSPACE `: it saves a call. */
function alarmOf(text: string): { memberId: string; alarm: string }[] {
  const [, memberId, alarm] = /memberID:(\d+)\s+alarm:(\w+)/u.exec(text) ?? [];
  return memberId === undefined || alarm === undefined ? [] : [{ memberId, alarm }];
}

function listedMember({ ID, name, peerURLs, clientURLs, isLearner }: MemberMessage): ListedMember {
  return { id: ID, name, peerUrls: peerURLs, clientUrls: clientURLs, role: isLearner ? 'learner' : 'voter' };
}
