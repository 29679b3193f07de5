import type { Declaration, NodeDeclaration } from '../../cluster/declaration/declaration.ts';

/** Where sshd listens and who logs in. */
export interface SshEndpoint {
  address: string;
  port: number;
  user: string;
  /** `SHA256:…` fingerprint or an OpenSSH public key line; absent: pinned on first contact. */
  hostKey?: string;
}

/** A node as this room sees it: a plain value that may be made anew for each call; connections are kept by cluster and name. */
export interface NodeTarget extends SshEndpoint {
  cluster: string;
  name: string;
  bastion?: SshEndpoint;
}

type WithSsh = Pick<Declaration, 'name' | 'ssh'>;
type WithAccess = Pick<NodeDeclaration, 'name' | 'address' | 'user' | 'ssh'>;

/** The target of a declared node. */
export function nodeTarget({ name: cluster, ssh }: WithSsh, node: WithAccess): NodeTarget {
  const target: NodeTarget = { cluster, name: node.name, ...endpoint({ ...node, ...node.ssh }) };
  if (ssh.bastion !== undefined) target.bastion = endpoint(ssh.bastion);
  return target;
}

function endpoint(from: { address: string; port: number; user: string; host_key?: string | undefined }): SshEndpoint {
  const { address, port, user, host_key: hostKey } = from;
  return { address, port, user, ...(hostKey === undefined ? {} : { hostKey }) };
}

/** The bastion of a target as a target of its own. */
export function bastionTarget(target: NodeTarget, bastion: SshEndpoint): NodeTarget {
  return { cluster: target.cluster, name: `bastion of ${target.cluster}`, ...bastion };
}
