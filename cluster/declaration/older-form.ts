import { isMapping, rename } from './mapping.ts';
import type { Mapping, Report } from './mapping.ts';
import { convertKubelet } from './older-kubelet.ts';
import { problemAt } from './problem.ts';
import type { Problem } from './problem.ts';
import { dropRemovedAdmissionPlugins } from './admission-plugins.ts';

/**
 * Rewrites what older releases of CKE (1.14 and on) wrote differently, with a warning for each that names the new form. Entries that
 * are null count as absent, as they did there. The given root stays as it is.
 */
export function fromOlderForm(root: Mapping): { root: Mapping; warnings: Problem[] } {
  const copy = withoutNulls(root);
  const warnings: Problem[] = [];
  const report: Report = (steps, value, today) => {
    warnings.push(problemAt(steps, value, { code: 'older-form', want: today, hint: `older form: write ${today}` }));
  };
  convertNodes(copy, report);
  convertConstraints(copy, report);
  convertBackup(copy, report);
  const options = copy['options'];
  if (isMapping(options)) {
    convertKubelet(options, report);
    dropRemovedAdmissionPlugins(options, report);
  }
  return { root: copy, warnings };
}

function convertNodes(root: Mapping, report: Report): void {
  const { nodes } = root;
  if (!Array.isArray(nodes)) return;
  nodes.forEach((node: unknown, index) => {
    if (!isMapping(node) || !('name' in node) || 'hostname' in node) return;
    report(['nodes', index, 'name'], node['name'], 'hostname');
    rename(node, 'name', 'hostname');
  });
}

const constraintNames = [
  'control-plane-count',
  'minimum-workers-rate',
  'maximum-unreachable-nodes-for-reboot',
  'maximum-repair-queue-entries',
  'wait-seconds-to-repair-rebooting',
];

function convertConstraints(root: Mapping, report: Report): void {
  const { constraints } = root;
  if (!isMapping(constraints)) return;
  for (const name of constraintNames) {
    const today = name.replaceAll('-', '_');
    if (!(name in constraints) || today in constraints) continue;
    report(['constraints', name], constraints[name], today);
    rename(constraints, name, today);
  }
}

/** Backups once were a CronJob with a volume claim; switched off they mean nothing, switched on the schema asks for a target. */
function convertBackup(root: Mapping, report: Report): void {
  const backup = root['etcd_backup'];
  if (!isMapping(backup) || !('enabled' in backup || 'pvc_name' in backup || 'rotate' in backup)) return;
  if (backup['enabled'] !== true) {
    report(['etcd_backup'], backup, 'nothing, because it is not enabled');
    delete root['etcd_backup'];
    return;
  }
  report(['etcd_backup', 'enabled'], true, 'nothing: etcd_backup itself says it');
  delete backup['enabled'];
  if ('rotate' in backup && !('retention' in backup)) {
    report(['etcd_backup', 'rotate'], backup['rotate'], 'retention');
    rename(backup, 'rotate', 'retention');
  }
}

function withoutNulls(root: Mapping): Mapping {
  return Object.fromEntries(
    Object.entries(root).flatMap(([key, value]) => (value === null ? [] : [[key, cleaned(value)] as const])),
  );
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  return isMapping(value) ? withoutNulls(value) : value;
}
