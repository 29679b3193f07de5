import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import type { Taint } from '../declaration/service-options.ts';
import { controlPlaneRole, masterKey } from './owned-keys.ts';

export interface NodeAttributes {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  taints: Taint[];
}

/** Labels, annotations and taints that a Node object must have by the declaration. */
export function wantedAttributes(
  { taint_control_plane }: Pick<Declaration, 'taint_control_plane'>,
  node: NodeDeclaration,
): NodeAttributes {
  const role = node.control_plane ? { [masterKey]: 'true', [controlPlaneRole]: '' } : {};
  const tainted = node.control_plane && taint_control_plane;
  return {
    labels: { ...role, ...node.labels, ...(node.control_plane && { [masterKey]: 'true' }) },
    annotations: { ...node.annotations },
    taints: [
      ...node.taints.filter(({ key }) => !(tainted && key === masterKey)),
      ...(tainted ? [{ key: masterKey, value: '', effect: 'PreferNoSchedule' } satisfies Taint] : []),
    ],
  };
}
