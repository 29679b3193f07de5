import type { EtcdMembershipSpec } from '../components/etcd.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import type { ClusterRecords, EtcdRecord } from '../observation.ts';
import { addressOf } from './etcd-nodes.ts';

interface MembershipInput {
  declaration: Declaration;
  observation: { records: ClusterRecords };
  node: NodeDeclaration;
}

type Begun = Exclude<EtcdRecord, { state: 'never' }>;

/**
 * The membership that a node's etcd is to be run with: the first-start form while the cluster is being bootstrapped and while a
 * learner has no data yet, the settled form ever after (DESIGN §6: with it, an emptied directory can't come up). Undefined when
 * the node has none.
 */
export function etcdMembershipOf({ declaration, observation, node }: MembershipInput): EtcdMembershipSpec | undefined {
  const { etcd } = observation.records;
  if (etcd.state === 'never') return undefined;
  const membership = etcd.memberships[node.name];
  if (membership === undefined || membership.state === 'removed') return undefined;
  const { directory } = membership;
  if (membership.state === 'settled') return { start: 'settled', directory };
  const born = etcd.state === 'started';
  return {
    start: 'first',
    directory,
    token: etcd.token,
    cluster: born ? 'new' : 'existing',
    members: born ? founders(declaration, etcd) : counted(declaration, observation.records, etcd, node),
  };
}

function founders(declaration: Declaration, { memberships }: Begun) {
  return controlPlanes(declaration)
    .filter(({ name }) => memberships[name] !== undefined)
    .map(({ address }) => ({ name: address, address }));
}

/** A learner is told of all that are in the member list, itself included: etcd compares. */
function counted(declaration: Declaration, records: ClusterRecords, { memberships }: Begun, node: NodeDeclaration) {
  return Object.entries(memberships)
    .filter(([name, { state, memberId }]) => name === node.name || (state !== 'removed' && memberId !== undefined))
    .flatMap(([name]) => addressOf(declaration, records, name) ?? [])
    .map((address) => ({ name: address, address }));
}
