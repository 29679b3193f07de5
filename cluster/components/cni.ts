import type { Declaration } from '../declaration/declaration.ts';

/**
 * The CNI configuration of a node with its pod CIDR filled in for `$POD_CIDR`. Undefined when none is declared, or when it
 * names the pod CIDR and the node has none yet.
 */
export function cniConfiguration(
  { options }: Pick<Declaration, 'options'>,
  podCidr: string | undefined,
): { path: string; text: string } | undefined {
  const file = options.kubelet.cni_conf_file;
  if (file === undefined) return undefined;
  const path = `/etc/cni/net.d/${file.name}`;
  if (!file.content.includes('$POD_CIDR')) return { path, text: file.content };
  return podCidr === undefined ? undefined : { path, text: file.content.replaceAll('$POD_CIDR', podCidr) };
}
