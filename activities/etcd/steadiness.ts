import type { ObservedEtcd } from '../../cluster/etcd/quorum.ts';
import type { EtcdObservation } from '../../cluster/observation.ts';

/** Between two looks further apart than this too much may have happened unseen. */
const longestGapMilliseconds = 90_000;

interface Seen {
  /** Who is in the list, as what. */
  list: string;
  at: number;
  /** By member id: whether it was in sync, and since when without a break. */
  members: Map<string, { sync: 'synced' | 'not'; since: number }>;
}

/**
 * Remembers for how long each member has been as it is. Every change of the member list begins the time anew for all that are in sync
 * (I-04); so a peer URL is not taken up again before its former member is long gone, a learner just as well (I-12).
 */
export interface Steadiness {
  /** Returns the observation with `sinceSeconds` filled in. */
  note(cluster: string, etcd: EtcdObservation): EtcdObservation;
}

/** Kept in the memory of one worker: after a restart, and on another worker, time begins at 0, which only makes us wait. */
export function createSteadiness(now: () => number = Date.now): Steadiness {
  const known = new Map<string, Seen>();
  return {
    note(cluster, etcd) {
      const before = known.get(cluster);
      if (etcd.state === 'unobservable') {
        // Nobody is known to have gone on in sync; what was down is not known to have come back.
        if (before) known.set(cluster, { ...before, list: 'not observed' });
        return etcd;
      }
      const at = now();
      const list = signature(etcd);
      const steady = before && before.list === list && at - before.at <= longestGapMilliseconds ? before : undefined;
      const members: Seen['members'] = new Map();
      const noted = etcd.members.map((member) => {
        const sync = member.sync === 'synced' ? ('synced' as const) : ('not' as const);
        const last = (steady ?? (sync === 'not' ? before : undefined))?.members.get(member.id);
        const since = last?.sync === sync ? last.since : at;
        members.set(member.id, { sync, since });
        return { ...member, sinceSeconds: (at - since) / 1000 };
      });
      known.set(cluster, { list, at, members });
      return { ...etcd, members: noted };
    },
  };
}

function signature({ clusterId, members }: ObservedEtcd): string {
  return [clusterId, ...members.map(({ id, role }) => `${id} ${role}`).toSorted()].join(', ');
}
