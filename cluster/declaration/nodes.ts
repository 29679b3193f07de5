import type { Declaration, NodeDeclaration } from './declaration.ts';

type WithNodes = Pick<Declaration, 'nodes'>;

/** The nodes that run etcd and the control plane, in the order of the declaration. */
export function controlPlanes({ nodes }: WithNodes): NodeDeclaration[] {
  return nodes.filter((node) => node.control_plane);
}

/** Their names, in that order. */
export function controlPlaneNames(declaration: WithNodes): string[] {
  return controlPlanes(declaration).map(({ name }) => name);
}

/** The nodes that are no control planes, in the order of the declaration. */
export function workers({ nodes }: WithNodes): NodeDeclaration[] {
  return nodes.filter((node) => !node.control_plane);
}

/** The node with this Kubernetes node name, or undefined. */
export function nodeNamed({ nodes }: WithNodes, name: string): NodeDeclaration | undefined {
  return nodes.find((node) => node.name === name);
}

/** Whether the node with this name is declared as a control plane. */
export function isControlPlane(declaration: WithNodes, name: string | undefined): boolean {
  return name !== undefined && nodeNamed(declaration, name)?.control_plane === true;
}

/** The node with this canonical address, or undefined. */
export function nodeAt({ nodes }: WithNodes, address: string): NodeDeclaration | undefined {
  return nodes.find((node) => node.address === address);
}
