import type { EnrolledNode } from '../observation.ts';
import type { NodeDeclaration } from './declaration.ts';

/** What is kept of a node on record. */
export function enrolled({ address, user, control_plane, ssh }: NodeDeclaration): EnrolledNode {
  return { address, user, control_plane, ssh };
}

/** A node that has left, as far as it has to be known to be reached and cleaned. */
export function departedNode(name: string, { address, user, control_plane, ssh }: EnrolledNode): NodeDeclaration {
  return { name, address, user, control_plane, ssh, labels: {}, annotations: {}, taints: [] };
}
