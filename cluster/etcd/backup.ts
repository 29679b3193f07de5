/** A snapshot of etcd that was verified and is kept. */
export interface Backup {
  /** RFC 3339. */
  at: string;
  /** Decimal: a cluster that was restored has another one. */
  clusterId: string;
  /** Decimal. */
  revision: string;
  bytes: number;
  /** `machine:/path` or `s3://bucket/key`. */
  place: string;
}

/** What is known of a cluster's backups. */
export interface BackupRecord {
  /** The latest first. */
  kept: Backup[];
  /** The latest attempt, when it was in vain. */
  failed?: { at: string; because: string };
}

export interface TakenBackup {
  backup: Backup;
  /** Places of older ones that were deleted to make room. */
  dropped: readonly string[];
}

/** So many are listed at most: as many as a declaration may ask for. */
const mostListed = 10_000;

/** The record once another backup is there. Pure. */
export function withBackup({ kept }: BackupRecord, { backup, dropped }: TakenBackup): BackupRecord {
  const others = kept.filter(({ place }) => place !== backup.place && !dropped.includes(place));
  return { kept: [backup, ...others].slice(0, mostListed) };
}

/** `revision 4711, 21.4 MB, bastion:/var/lib/cke/snapshots/prod/….db`. */
export function describeBackup({ revision, bytes, place }: Backup): string {
  return `revision ${revision}, ${megabytes(bytes)}, ${place}`;
}

/** `21.4 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
