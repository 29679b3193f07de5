/**
 * What can go wrong, as a closed list: the machine's part of an error. Temporal failures carry it as their type,
 * docs/operations.md explains each with its cure.
 */
export type ErrorCode =
  | 'NodeUnreachable'
  | 'NodeAuthentication'
  | 'NodeHostKeyChanged'
  | 'DockerMissing'
  | 'DockerDenied'
  | 'DockerForwardingOff'
  | 'DockerFailed'
  | 'ImageMissing'
  | 'RegistryRefused'
  | 'PreflightFailed'
  | 'CrashLoop'
  | 'NotHealthy'
  | 'EtcdUnavailable'
  | 'EtcdRefused'
  | 'QuorumAtRisk'
  | 'VaultSealed'
  | 'VaultUnreachable'
  | 'VaultDenied'
  | 'VaultFailed'
  | 'KubernetesUnavailable'
  | 'KubernetesRefused'
  | 'StoreUnavailable'
  | 'StoreConflict'
  | 'Fenced'
  | 'StalePlan'
  | 'ApprovalRefused'
  | 'RotationRefused'
  | 'NotificationFailed'
  | 'BackupFailed'
  | 'DeclarationRefused'
  | 'DeclarationMissing'
  | 'ClusterDestroyed'
  | 'NotInitialised'
  | 'TemporalUnavailable'
  | 'SettingsInvalid'
  | 'InvalidRequest';

/** Whether trying again may help (`retry`), or a person or another declaration is needed first (`never`). */
export type Remedy = 'retry' | 'never';

export interface Complaint {
  code: ErrorCode;
  /** One line: who and what, e.g. `cp-2 (10.0.0.12): Docker refused the connection`. */
  message: string;
  /** Name of the node it is about. */
  node?: string;
  /** What was seen. Never a secret. */
  got?: string;
  want?: string;
  /** The literal command or action that cures it. */
  fix?: string;
  remedy: Remedy;
}

/** The one error class of the project: who, what, why, cure, and nothing secret. `message` is the first line. */
export class CkeError extends Error {
  readonly complaint: Complaint;

  constructor(complaint: Complaint) {
    super(complaint.message);
    this.name = complaint.code;
    this.complaint = complaint;
  }
}

/** The message with its code, by which docs/operations.md explains it, and its got, want and fix lines, as a terminal shows it. */
export function describeComplaint({ code, message, got, want, fix }: Complaint): string {
  const [title = '', ...rest] = message.split('\n');
  const lines = [`${title} (${code})`, ...rest];
  if (got !== undefined) lines.push(`  got    ${got}`);
  if (want !== undefined) lines.push(`  want   ${want}`);
  if (fix !== undefined) lines.push(`  fix    ${fix}`);
  return lines.join('\n');
}

/** The same on one line, as part of a sentence. */
export function describeOnOneLine(complaint: Complaint): string {
  return describeComplaint(complaint).replaceAll(/\s+/g, ' ');
}
