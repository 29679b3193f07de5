import type { EtcdMembershipSpec } from '../components/etcd.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import type { ClusterRecords } from '../observation.ts';

interface MembershipInput {
  declaration: Declaration;
  observation: { records: ClusterRecords };
  node: NodeDeclaration;
}

/**
 * The membership that a node's etcd is to be run with: the first-start form while the cluster is being bootstrapped, the
 * settled form ever after (DESIGN §6: with it, an emptied directory can't come up). Undefined when the node has none.
 */
export function etcdMembershipOf({ declaration, observation, node }: MembershipInput): EtcdMembershipSpec | undefined {
  const { etcd } = observation.records;
  if (etcd.state === 'never') return undefined;
  const membership = etcd.memberships[node.name];
  if (membership === undefined) return undefined;
  if (membership.state === 'settled') return { start: 'settled', directory: membership.directory };
  return {
    start: 'first',
    directory: membership.directory,
    token: etcd.token,
    cluster: 'new',
    members: controlPlanes(declaration)
      .filter(({ name }) => etcd.memberships[name] !== undefined)
      .map(({ address }) => ({ name: address, address })),
  };
}
