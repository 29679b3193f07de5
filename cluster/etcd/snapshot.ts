import { allOf, allowed, refused, unknown } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export interface SnapshotFacts {
  /** Bytes of the file. */
  size: number;
  /** Whether the SHA-256 at its end is that of what stands before it. */
  checksum: 'matches' | 'differs' | 'unknown';
  /** Revision inside, decimal; undefined when its status cannot be read. */
  revision: string | undefined;
  /** Revision of the snapshot before it. Decimal. */
  previousRevision?: string;
  /** Whether the cluster was restored since the previous one. */
  restoredSince: 'yes' | 'no';
  /** Alarms that stood when it was taken. */
  alarms: readonly string[];
  /** Whether a copy stands on another machine. */
  copy: 'elsewhere' | 'on-the-node';
}

const page = 512;

/** Bytes at the end of a snapshot: the SHA-256 of what stands before them. */
export const checksumBytes = 32;

/** W-10: whether a file is a snapshot that one may rely on. A database file that was copied has no checksum and misses writes. */
export function isReliableSnapshot(facts: SnapshotFacts): Verdict {
  return allOf(
    endsInChecksum(facts.size),
    checksumFits(facts.checksum),
    revisionVerdict(facts),
    facts.copy === 'elsewhere' ? allowed : refused('W-10', 'its only copy stands on the node itself'),
    facts.alarms.length === 0 ? allowed : refused('W-10', `taken while etcd had raised ${facts.alarms.join(', ')}`),
  );
}

/** W-10, by the size of a file. */
export function endsInChecksum(size: number): Verdict {
  return size % page === checksumBytes ? allowed : refused('W-10', `${size} bytes: there is no checksum at its end`);
}

/** W-10, by the content of a file. */
export function checksumFits(checksum: SnapshotFacts['checksum']): Verdict {
  if (checksum === 'matches') return allowed;
  return checksum === 'unknown'
    ? unknown('W-10', 'its checksum was not verified')
    : refused('W-10', 'its checksum is not that of its content');
}

function revisionVerdict({ revision, previousRevision, restoredSince }: SnapshotFacts): Verdict {
  if (revision === undefined) return unknown('W-10', 'its status cannot be read');
  if (previousRevision === undefined || restoredSince === 'yes') return allowed;
  if (BigInt(revision) >= BigInt(previousRevision)) return allowed;
  return refused('W-10', `its revision ${revision} is below ${previousRevision} of the one before it`);
}
