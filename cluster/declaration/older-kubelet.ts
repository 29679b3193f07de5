import { isMapping, rename } from './mapping.ts';
import type { Mapping, Report } from './mapping.ts';

/** Fields of options.kubelet that are fields of its configuration document today. */
const moved: [older: string, today: string, convert: (value: unknown) => unknown][] = [
  ['domain', 'clusterDomain', (value) => value],
  ['allow_swap', 'failSwapOn', (value) => (typeof value === 'boolean' ? !value : value)],
  ['container_log_max_size', 'containerLogMaxSize', (value) => (typeof value === 'number' ? String(value) : value)],
  ['container_log_max_files', 'containerLogMaxFiles', (value) => value],
];

/** Rewrites the kubelet's options of CKE 1.14 to 1.17. */
export function convertKubelet(options: Mapping, report: Report): void {
  const { kubelet } = options;
  if (!isMapping(kubelet)) return;
  for (const [older, today, convert] of moved) {
    if (!(older in kubelet)) continue;
    const config = configOf(kubelet);
    if (today in config) continue;
    report(['options', 'kubelet', older], kubelet[older], `options.kubelet.config.${today}`);
    config[today] = convert(kubelet[older]);
    delete kubelet[older];
  }
  convertRuntime(kubelet, report);
}

function convertRuntime(kubelet: Mapping, report: Report): void {
  if (kubelet['container_runtime'] === 'remote') {
    report(['options', 'kubelet', 'container_runtime'], 'remote', 'nothing: there is no other runtime');
    delete kubelet['container_runtime'];
  }
  if (!('container_runtime_endpoint' in kubelet) || 'cri_endpoint' in kubelet) return;
  report(['options', 'kubelet', 'container_runtime_endpoint'], kubelet['container_runtime_endpoint'], 'cri_endpoint');
  rename(kubelet, 'container_runtime_endpoint', 'cri_endpoint');
}

function configOf(kubelet: Mapping): Mapping {
  const { config } = kubelet;
  if (isMapping(config)) return config;
  const fresh: Mapping = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' };
  kubelet['config'] = fresh;
  return fresh;
}
