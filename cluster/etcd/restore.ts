import { quorum } from './quorum.ts';
import { allOf, allowed, refused, unknown } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export interface RestoreFacts {
  /** Voters in sync and all voters of the cluster as it is; undefined where it can't be observed. */
  voters: { synced: number; total: number } | undefined;
  /** Nodes whose etcd runs, where it can't be observed. */
  running?: readonly string[];
  /** Revisions, decimal: of the snapshot, and the newest that is known of the cluster. */
  snapshotRevision: string | undefined;
  currentRevision: string | undefined;
  /** A person has accepted the loss of what came after the snapshot. */
  loss: 'accepted' | 'not accepted';
}

/** Inputs 74 and 75: a restore is for a cluster whose quorum is lost, and what it would lose has to be accepted. */
export function mayRestore({ voters, running = [], snapshotRevision, currentRevision, loss }: RestoreFacts): Verdict {
  return allOf(quorumIsLost(voters, running), lossIsAccepted(snapshotRevision, currentRevision, loss));
}

function quorumIsLost(voters: RestoreFacts['voters'], running: readonly string[]): Verdict {
  const where = running.length === 0 ? '' : `: etcd runs on ${running.join(', ')}, and can't be asked`;
  if (voters === undefined) return unknown('75', `cannot observe whether the quorum is lost${where}`);
  const needed = quorum(voters.total);
  if (voters.synced < needed) return allowed;
  return refused(
    '75',
    `the cluster is healthy: ${voters.synced} of ${voters.total} voters are in sync, ${needed} are a quorum; a restore would throw its state away`,
  );
}

function lossIsAccepted(
  snapshot: string | undefined,
  current: string | undefined,
  loss: RestoreFacts['loss'],
): Verdict {
  if (loss === 'accepted') return allowed;
  if (current === undefined || snapshot === undefined)
    return unknown('74', 'cannot observe how much younger than the snapshot the cluster is');
  const lost = BigInt(current) - BigInt(snapshot);
  if (lost <= 0n) return allowed;
  return refused(
    '74',
    `the snapshot is of revision ${snapshot} and the cluster was at ${current}: ${lost} revisions would be lost, and nobody has accepted that`,
  );
}
