import type { KubeApiOptions } from '../declaration/service-options.ts';
import { bind } from './container.ts';
import { textFile } from './files.ts';
import type { BindMount, FileSpec } from './spec.ts';

const policy = '/etc/kubernetes/apiserver/audit-policy.yaml';

/** Flags of auditing. A log file is rotated: 10 files of 100 MB, 30 days at most. */
export function auditArgs({ audit_log_enabled, audit_log_path }: KubeApiOptions): string[] {
  if (!audit_log_enabled) return [];
  const rotation = ['--audit-log-maxage=30', '--audit-log-maxbackup=10', '--audit-log-maxsize=100'];
  return [
    `--audit-log-path=${audit_log_path}`,
    `--audit-policy-file=${policy}`,
    ...(audit_log_path === '-' ? [] : rotation),
  ];
}

/** The policy. Its name needs no digest, as in CKE: a file that changes is drift by itself. */
export function auditFiles({ audit_log_enabled, audit_log_policy }: KubeApiOptions): FileSpec[] {
  return audit_log_enabled ? [textFile(policy, audit_log_policy)] : [];
}

/** The directory of the log file, where no bind of the user's holds it: the container's own root is read-only. */
export function auditMounts({ audit_log_enabled, audit_log_path, extra_binds }: KubeApiOptions): BindMount[] {
  if (!audit_log_enabled || audit_log_path === '-') return [];
  const directory = audit_log_path.slice(0, audit_log_path.lastIndexOf('/'));
  if (directory === '' || extra_binds.some(({ destination }) => `${directory}/`.startsWith(`${destination}/`)))
    return [];
  return [bind(directory, { access: 'rw', source_kind: 'created' })];
}
