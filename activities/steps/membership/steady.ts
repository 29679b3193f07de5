import type { Declaration } from '../../../cluster/declaration/declaration.ts';
import { memberById, type ObservedEtcd } from '../../../cluster/etcd/quorum.ts';
import type { Verdict } from '../../../cluster/etcd/verdict.ts';
import { observedEtcd, onceTimeAllows } from '../observed-etcd.ts';
import type { EtcdPorts } from '../etcd.ts';

export interface MembershipPorts extends EtcdPorts {
  /** Takes a verified snapshot of a cluster's etcd, keeps it on this machine, and records it (W-10). */
  snapshotBeforeChange: (declaration: Declaration) => Promise<void>;
  /** Lets so many seconds pass. */
  pause: (seconds: number) => Promise<void>;
}

/** As soon as time has cured what it can (the worker may have just started). */
export function steadyEtcd(
  ports: MembershipPorts,
  declaration: Declaration,
  may: (etcd: ObservedEtcd) => Verdict,
): Promise<ObservedEtcd> {
  return onceTimeAllows({ observe: () => observedEtcd(ports, declaration), may, pause: ports.pause });
}

/** For how many seconds a member has been in sync, or not. */
export function steadyFor(etcd: ObservedEtcd, memberId: string, sync: 'synced' | 'not'): number {
  const member = memberById(etcd, memberId);
  const is = member?.sync === 'synced' ? 'synced' : 'not';
  return is === sync ? Math.floor(member?.sinceSeconds ?? 0) : 0;
}
