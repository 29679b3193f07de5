import type { Declaration } from '../declaration/declaration.ts';
import { knownNode } from '../declaration/enrolled.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import type { ClusterRecords } from '../observation.ts';

export interface EtcdNode {
  name: string;
  address: string;
}

/**
 * Nodes whose etcd member is ours: the declared control planes, and those that have a member still though they are workers now, or
 * have left the declaration.
 */
export function etcdNodes(declaration: Declaration, records: ClusterRecords): EtcdNode[] {
  const masters = controlPlanes(declaration).map(({ name, address }) => ({ name, address }));
  if (records.etcd.state === 'never') return masters;
  const others = Object.entries(records.etcd.memberships).flatMap(([name, { state }]) => {
    if (state === 'removed' || masters.some((master) => master.name === name)) return [];
    const address = addressOf(declaration, records, name);
    return address === undefined ? [] : [{ name, address }];
  });
  return [...masters, ...others];
}

/** Of a declared node, or of one that was enrolled and has left. */
export function addressOf(declaration: Declaration, { nodes }: ClusterRecords, name: string): string | undefined {
  return knownNode(declaration, name, nodes)?.address;
}
