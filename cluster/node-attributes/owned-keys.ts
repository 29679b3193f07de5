import type { NodeDeclaration } from '../declaration/declaration.ts';
import type { Taint } from '../declaration/service-options.ts';
import type { OwnedAttributes } from '../observation.ts';

/** Label and taint of control planes: CKE's. */
export const masterKey = 'cke.cybozu.com/master';

/** What Kubernetes' own tools show as the role of a node. */
export const controlPlaneRole = 'node-role.kubernetes.io/control-plane';

/** Kubernetes tells the taints of a node apart by key and effect. */
export function taintId({ key, effect }: Pick<Taint, 'key' | 'effect'>): string {
  return `${key}:${effect}`;
}

/**
 * Whether a key is ours by its name, whoever set it (reference §2.6): such keys are removed when they are not wanted even
 * without a record, as on a cluster that CKE built. `cke.cybozu.com/reboot` marks a reboot in progress and stays.
 */
export function isReserved(key: string, node: NodeDeclaration): boolean {
  if (key === 'cke.cybozu.com/reboot') return false;
  if (key.startsWith('cke.cybozu.com/') || key.includes('.cke.cybozu.com/')) return true;
  if (key === 'node-role.kubernetes.io/master' || key === controlPlaneRole) return true;
  return key.startsWith('node-role.kubernetes.io/') && Object.hasOwn(node.labels, key);
}

/** Ownership that covers both records: written before a change, so that a crash in its middle forgets nothing. */
export function ownedTogether(a: OwnedAttributes, b: OwnedAttributes): OwnedAttributes {
  return {
    labels: union(a.labels, b.labels),
    annotations: union(a.annotations, b.annotations),
    taints: union(a.taints, b.taints),
  };
}

function union(a: string[], b: string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}
