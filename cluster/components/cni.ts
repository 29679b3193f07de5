import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { optionsOf } from '../declaration/pools.ts';

interface CniInput {
  declaration: Pick<Declaration, 'options' | 'pools'>;
  node: Pick<NodeDeclaration, 'pool'>;
  podCidr: string | undefined;
}

/**
 * The CNI configuration of a node with its pod CIDR filled in for `$POD_CIDR`. Undefined when none is declared, or when it
 * names the pod CIDR and the node has none yet.
 */
export function cniConfiguration({ declaration, node, podCidr }: CniInput): { path: string; text: string } | undefined {
  const file = optionsOf(declaration, node).kubelet.cni_conf_file;
  if (file === undefined) return undefined;
  const path = `/etc/cni/net.d/${file.name}`;
  if (!file.content.includes('$POD_CIDR')) return { path, text: file.content };
  return podCidr === undefined ? undefined : { path, text: file.content.replaceAll('$POD_CIDR', podCidr) };
}
