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

/** Asks one member for its status and, at the same time, for what it can only tell when it is in sync. Two calls; never throws. */
export async function probeMember(gateway: EtcdGateway): Promise<Probe> {
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
