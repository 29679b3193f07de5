import { connect } from 'node:net';
import { EtcdCallError } from './gateway.ts';
import type { EtcdGateway, MemberList, MemberStatus } from './gateway.ts';

/** What one member answered when it was asked alone. */
export type Probe =
  | {
      state: 'answered';
      status: MemberStatus;
      /** Its linearizable view, or why it has none: no leader, no quorum, a learner. */
      view: { state: 'read'; list: MemberList } | { state: 'failed'; because: string };
    }
  /** Nobody listens: the machine itself said so. */
  | { state: 'refused'; because: string }
  /** No answer, or none that can be believed. */
  | { state: 'silent'; because: string };

/** Milliseconds in which a machine that was silent before has to accept a connection: it is not given the whole deadline of a call again. */
const connectMs = 500;

/** Asks members, and remembers who was silent. Never throws. */
export interface Prober {
  /** Status and, at the same time, what a member can only tell when it is in sync: two calls. */
  probe(gateway: EtcdGateway): Promise<Probe>;
}

export function createProber(canConnect: (endpoint: string) => Promise<boolean> = connects): Prober {
  const silent = new Set<string>();
  return {
    async probe(gateway) {
      const { endpoint } = gateway;
      if (silent.has(endpoint) && !(await canConnect(endpoint)))
        return { state: 'silent', because: `${endpoint} does not answer in time` };
      const answer = await probeMember(gateway);
      if (answer.state === 'silent') silent.add(endpoint);
      else silent.delete(endpoint);
      return answer;
    },
  };
}

/** A connection that is refused was answered, too: by the machine. */
function connects(endpoint: string): Promise<boolean> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/gu, ''), port: Number(port) });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    // What has arrived while this process was busy is heard first.
    socket.setTimeout(connectMs, () => setImmediate(() => end(false)));
    socket.on('connect', () => end(true)).on('error', () => end(true));
  });
}

async function probeMember(gateway: EtcdGateway): Promise<Probe> {
  const first = await probeOnce(gateway);
  // A connection that broke says nothing about the member: a new one does.
  return first.state === 'broken' ? settled(await probeOnce(gateway)) : first;
}

async function probeOnce(gateway: EtcdGateway): Promise<Probe | { state: 'broken'; because: string }> {
  const [status, list] = await Promise.allSettled([gateway.status(), gateway.members()]);
  if (status.status === 'rejected') return unanswered(gateway.endpoint, status.reason);
  const view =
    list.status === 'fulfilled'
      ? ({ state: 'read', list: list.value } as const)
      : ({ state: 'failed', because: reasonOf(list.reason) } as const);
  return { state: 'answered', status: status.value, view };
}

function unanswered(endpoint: string, error: unknown): { state: 'refused' | 'silent' | 'broken'; because: string } {
  const because = reasonOf(error);
  if (because.includes('ECONNREFUSED')) return { state: 'refused', because: `nothing listens on ${endpoint}` };
  return { state: /dropped|ECONNRESET|closed/iu.test(because) ? 'broken' : 'silent', because };
}

function settled(probe: Probe | { state: 'broken'; because: string }): Probe {
  return probe.state === 'broken' ? { state: 'silent', because: probe.because } : probe;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof EtcdCallError)) return String(error);
  return /deadline/iu.test(error.failure.because) ? `${error.endpoint} does not answer in time` : error.message;
}
