import type { Target, StepBase } from './base.ts';

/** Cordons a node and asks its pods once to go; who has to wait is looked at again in the next round. */
export interface DrainNode extends StepBase {
  kind: 'drain-node';
  /** It leaves, or it comes back with another kubelet. */
  before: 'departure' | 'upgrade';
  targets: Target[];
}

/** Lets a node take pods again that was drained, unless a person had cordoned it before that. */
export interface UncordonNode extends StepBase {
  kind: 'uncordon-node';
  targets: Target[];
}

/** Takes everything of ours off a node that has left, deletes its Node object, and forgets it. */
export interface RemoveNode extends StepBase {
  kind: 'remove-node';
  targets: Target[];
}

/** Deletes the Node object of a node that has left and can't be reached: its host is cleaned when it can be. */
export interface DeleteNodeObject extends StepBase {
  kind: 'delete-node-object';
  targets: Target[];
}

/** Labels, annotations and taints of a Node object, removal included. */
export interface UpdateNodeAttributes extends StepBase {
  kind: 'update-node-attributes';
  targets: Target[];
}

/** Writes the CNI configuration once the Node has its pod CIDR. */
export interface InstallCniConfiguration extends StepBase {
  kind: 'install-cni-configuration';
  targets: (Target & { podCidr?: string })[];
}
