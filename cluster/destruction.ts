import type { Declaration } from './declaration/declaration.ts';
import type { ClusterRecords } from './observation.ts';

/** What becomes of etcd's data: renamed into the trash of its node, or deleted at once. */
export type DataFate = 'trash' | 'purge';

/** A person's order to take a whole cluster apart. Outlives workflows: as long as it stands, no operation begins. */
export interface Destruction {
  by: string;
  /** RFC 3339. */
  at: string;
  data: DataFate;
  /** Declaration that says how the nodes are reached. */
  revision: number;
  /** Fencing epoch that belongs to it: every operation before has an older one, and none can take a newer one. */
  epoch: number;
  /** RFC 3339; absent while it goes on. */
  finishedAt?: string;
  /** Nodes that could not be cleaned, once it is finished; those alone are taken up when it is ordered again. */
  left?: LeftNode[];
}

export interface LeftNode {
  node: string;
  because: string;
}

/** Whether a cluster is given up by the very order that an epoch belongs to. Pure. */
export const fateOf = (order: Destruction | undefined, epoch: number): 'given up' | 'wanted' =>
  order?.epoch === epoch && order.finishedAt === undefined ? 'given up' : 'wanted';

/** Who is taken apart, in this order: those who run pods before those who rule them. */
export interface Condemned {
  workers: string[];
  controlPlanes: string[];
}

/** Every node that may have something of ours: declared, or on record as one that was; or what an earlier attempt had to leave. Pure. */
export function condemned(
  { nodes }: Pick<Declaration, 'nodes'>,
  records: Pick<ClusterRecords, 'etcd' | 'nodes'>,
  left?: LeftNode[],
): Condemned {
  const memberships = records.etcd.state === 'never' ? {} : records.etcd.memberships;
  const rules = new Map(nodes.map(({ name, control_plane }) => [name, control_plane]));
  for (const [name, node] of Object.entries(records.nodes ?? {}))
    if (!rules.has(name)) rules.set(name, node.control_plane);
  const names = [...rules.keys()].filter((name) => left === undefined || left.some(({ node }) => node === name));
  const hasEtcd = (name: string) => rules.get(name) === true || memberships[name] !== undefined;
  return { workers: names.filter((name) => !hasEtcd(name)), controlPlanes: names.filter(hasEtcd) };
}
