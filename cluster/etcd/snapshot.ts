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
const checksumBytes = 32;

/** W-10: whether a file is a snapshot that one may rely on. A database file that was copied has no checksum and misses writes. */
export function isReliableSnapshot(facts: SnapshotFacts): Verdict {
  return allOf(
    facts.size % page === checksumBytes
      ? allowed
      : refused('W-10', `${facts.size} bytes: there is no checksum at its end`),
    checksumVerdict(facts.checksum),
    revisionVerdict(facts),
    facts.copy === 'elsewhere' ? allowed : refused('W-10', 'its only copy stands on the node itself'),
    facts.alarms.length === 0 ? allowed : refused('W-10', `taken while etcd had raised ${facts.alarms.join(', ')}`),
  );
}

function checksumVerdict(checksum: SnapshotFacts['checksum']): Verdict {
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
