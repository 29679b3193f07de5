import type { Mapping, Report } from './mapping.ts';
import { flagOf } from './extra-args.ts';

/** Admission plug-ins that no supported kube-apiserver has: naming one keeps it from starting. */
const removed = new Set([
  'DenyEscalatingExec',
  'DenyExecOnPrivileged',
  'Initializers',
  'PersistentVolumeLabel',
  'PodPreset',
  'PodSecurityPolicy',
  'SecurityContextDeny',
]);

const flags = ['enable-admission-plugins', 'disable-admission-plugins'];

/** Takes removed admission plug-ins out of kube-api's extra_args. */
export function dropRemovedAdmissionPlugins(options: Mapping, report: Report): void {
  const kubeApi: unknown = options['kube-api'];
  if (typeof kubeApi !== 'object' || kubeApi === null || !('extra_args' in kubeApi)) return;
  const entries: unknown = kubeApi.extra_args;
  if (!Array.isArray(entries)) return;
  kubeApi.extra_args = entries.flatMap((entry: unknown, index) => {
    const flag = typeof entry === 'string' ? flagOf(entry) : undefined;
    if (flag === undefined || !flags.includes(flag.name)) return [entry];
    const plugins = flag.value.split(',');
    const kept = plugins.filter((plugin) => !removed.has(plugin.trim()));
    if (kept.length === plugins.length) return [entry];
    const rest = kept.length === 0 ? [] : [`--${flag.name}=${kept.join(',')}`];
    const gone = plugins.filter((plugin) => removed.has(plugin.trim())).join(', ');
    report(
      ['options', 'kube-api', 'extra_args', index],
      entry,
      `${rest[0] ?? 'nothing'}: Kubernetes has removed ${gone}`,
    );
    return rest;
  });
}
