import type { EnrolledNode } from '../observation.ts';
import type { Declaration, NodeDeclaration } from './declaration.ts';
import { nodeNamed } from './nodes.ts';

/** What is kept of a node on record. */
export function enrolled({ address, user, control_plane, ssh }: NodeDeclaration): EnrolledNode {
  return { address, user, control_plane, ssh };
}

/** Prepared once, and declared no more. One whose machine is declared under another name is left out: it is in use. */
export function departedNodes(
  declaration: Pick<Declaration, 'nodes'>,
  onRecord: Readonly<Record<string, EnrolledNode>> = {},
): NodeDeclaration[] {
  return Object.entries(onRecord).flatMap(([name, enrolledNode]) => {
    const inUse = declaration.nodes.some((node) => node.name === name || node.address === enrolledNode.address);
    return inUse ? [] : [departedNode(name, enrolledNode)];
  });
}

/** A declared node, or one on record that has left; undefined when nobody knows it. */
export function knownNode(
  declaration: Pick<Declaration, 'nodes'>,
  name: string,
  onRecord: Readonly<Record<string, EnrolledNode>> = {},
): NodeDeclaration | undefined {
  const left = onRecord[name];
  return nodeNamed(declaration, name) ?? (left && departedNode(name, left));
}

/** A node that has left, as far as it has to be known to be reached and cleaned. */
export function departedNode(name: string, { address, user, control_plane, ssh }: EnrolledNode): NodeDeclaration {
  return { name, address, user, control_plane, ssh, labels: {}, annotations: {}, taints: [] };
}
