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
  close(): void;
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
    close: () => client.close(),
  };
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
