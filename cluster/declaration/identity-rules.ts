import { mayRestAtSize } from '../etcd/declared-size.ts';
import { canonicalAddress } from './address-rules.ts';
import type { Parts, RawNode } from './cross-rules.ts';
import { problemAt } from './problem.ts';
import type { Problem } from './problem.ts';

/** No two nodes are the same one, and the number of control planes can hold a quorum. Rules D-01, D-02. */
export function nodeIdentityProblems({ nodes, fields }: Parts): Problem[] {
  return [
    ...duplicates(nodes, {
      code: 'duplicate-address',
      field: ['address'],
      identity: ({ address }) => (address === undefined ? undefined : canonicalAddress(address)),
      want: 'each address once (after canonicalisation)',
    }),
    ...duplicates(nodes, {
      code: 'duplicate-hostname',
      field: ['hostname'],
      identity: ({ hostname, address }) => (hostname ?? address)?.toLowerCase(),
      want: 'each node name once (case-insensitive)',
    }).filter(({ path }) =>
      nodes.some(({ index, hostname }) => hostname !== undefined && path === `/nodes/${index}/hostname`),
    ),
    ...borrowedAddresses(nodes),
    ...duplicates(nodes, {
      code: 'duplicate-host-key',
      field: ['ssh', 'host_key'],
      identity: ({ hostKey }) => hostKey?.split(' ').slice(0, 2).join(' '),
      want: 'a host key of its own for each node',
    }),
    ...controlPlaneProblems(nodes, fields.constraints?.control_plane_count),
  ];
}

/** A certificate would name a machine that is not its own. Rule C-04. */
function borrowedAddresses(nodes: RawNode[]): Problem[] {
  const canonical = (text: string | undefined) => (text === undefined ? undefined : canonicalAddress(text));
  const owners = new Map(nodes.map(({ address, index }) => [canonical(address), index]));
  return nodes.flatMap(({ hostname, index }) => {
    const named = canonical(hostname);
    const owner = named === undefined ? undefined : owners.get(named);
    if (owner === undefined || owner === index) return [];
    const hint = `it is the address of nodes/${owner}, whose identity its certificates would carry`;
    const want = 'a name of its own';
    return [problemAt(['nodes', index, 'hostname'], hostname, { code: 'duplicate-hostname', want, hint })];
  });
}

interface Uniqueness {
  code: string;
  field: string[];
  identity: (node: RawNode) => string | undefined;
  want: string;
}

function duplicates(nodes: RawNode[], { code, field, identity, want }: Uniqueness): Problem[] {
  const seen = new Map<string, number>();
  return nodes.flatMap((node) => {
    const key = identity(node);
    if (key === undefined) return [];
    const first = seen.get(key);
    if (first === undefined) seen.set(key, node.index);
    if (first === undefined) return [];
    const hint = `nodes/${first} and nodes/${node.index} have the same ${field.join('.')}: are they one machine?`;
    return [problemAt(['nodes', node.index, ...field], key, { code, want, hint })];
  });
}

function controlPlaneProblems(nodes: RawNode[], wanted: number | undefined): Problem[] {
  if (nodes.length === 0 || nodes.some(({ controlPlane }) => controlPlane === 'unclear')) return [];
  const count = nodes.filter(({ controlPlane }) => controlPlane === true).length;
  const got = `${count} control planes of ${nodes.length} nodes`;
  if (mayRestAtSize(count).kind !== 'allowed')
    return [
      problemAt(['nodes'], undefined, {
        code: 'control-plane-count',
        got,
        want: 'control planes must be 1, 3, 5 or 7',
        hint: sizeHint(count),
      }),
    ];
  if (wanted === undefined || wanted === count) return [];
  const finding = {
    code: 'control-plane-count',
    got,
    want: String(wanted),
    hint: 'constraints.control_plane_count pins the number',
  };
  return [problemAt(['nodes'], undefined, finding)];
}

function sizeHint(count: number): string {
  if (count === 0) return 'mark one node, or three, with control_plane: true';
  if (count > 7) return `too many: ${count} voters make every write slower and no safer, keep 7 at most`;
  return `even: ${count} control planes bear no more failures than ${count - 1}, take ${count - 1} or ${count + 1}`;
}
