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
  const [status, list] = await Promise.allSettled([gateway.status(), gateway.members()]);
  if (status.status === 'rejected') {
    const because = reasonOf(status.reason);
    const nobody = status.reason instanceof EtcdCallError && status.reason.failure.because.includes('ECONNREFUSED');
    return nobody
      ? { state: 'refused', because: `nothing listens on ${gateway.endpoint}` }
      : { state: 'silent', because };
  }
  const view =
    list.status === 'fulfilled'
      ? ({ state: 'read', list: list.value } as const)
      : ({ state: 'failed', because: reasonOf(list.reason) } as const);
  return { state: 'answered', status: status.value, view };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof EtcdCallError)) return String(error);
  return /deadline/iu.test(error.failure.because) ? `${error.endpoint} does not answer in time` : error.message;
}
