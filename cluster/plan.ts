import type { PendingApproval } from './approval.ts';
import type { Component } from './components/component.ts';
import type { ApprovalReason } from './declaration/maintenance.ts';
import type { ErrorCode } from './errors.ts';
import { describeResource, type ResourceKey } from './resources/user/resource-key.ts';

/** How much of the running cluster a step disturbs. */
export type Disruption = 'none' | 'reload' | 'restart' | 'drain' | 'outage';

/** A node that a step touches, and why, down to the field that differs. */
export interface Target {
  node: string;
  because: string;
}

/** A container that is to be replaced or started: the id makes a call that arrives late harmless. */
export interface ContainerTarget extends Target {
  /** Id of the container that stands there now; absent when there is none. */
  containerId?: string;
}

interface StepBase {
  disruption: Disruption;
  /** What a policy may want to be asked about; decide() adds it. */
  risk?: ApprovalReason;
  /** Fingerprints of the approvals that allow it, where it needed any. */
  approvals?: string[];
}

/**
 * What is to be done next. The steps of one plan are independent of each other and run at the same time; order is
 * expressed by rounds. Each kind has its sequence in workflows/steps/.
 */
export type Step =
  | PrepareNodes
  | RunComponent
  | RenewCertificates
  | StartComponent
  | StopComponent
  | BootstrapEtcd
  | EnableEtcdAuthentication
  | RestartEtcdMember
  | AddEtcdMember
  | SettleEtcdMember
  | PromoteEtcdMember
  | RemoveEtcdMember
  | RetireEtcdMember
  | DrainNode
  | UncordonNode
  | RemoveNode
  | DeleteNodeObject
  | ApplyObjects
  | ApplyResources
  | DeleteResources
  | UpdateApiEndpoints
  | UpdateNodeAttributes
  | InstallCniConfiguration;

/** Checks what a node lacks, pulls the images and makes the file container: nothing of the user's is touched. */
export interface PrepareNodes extends StepBase {
  kind: 'prepare-nodes';
  targets: Target[];
}

/** Installs the files of a component and puts a container with the wanted spec in place of what is there. */
export interface RunComponent extends StepBase {
  kind: 'run-component';
  component: Exclude<Component, 'etcd'>;
  targets: ContainerTarget[];
}

/** Installs the files of a component anew; it takes them up by itself, and is not stopped. */
export interface RenewCertificates extends StepBase {
  kind: 'renew-certificates';
  component: Component;
  targets: ContainerTarget[];
}

/** Starts a container that has the wanted spec and has stopped. */
export interface StartComponent extends StepBase {
  kind: 'start-component';
  component: Component;
  targets: ContainerTarget[];
}

/** Stops and removes a container that should not be there. */
export interface StopComponent extends StepBase {
  kind: 'stop-component';
  component: Exclude<Component, 'etcd'>;
  targets: ContainerTarget[];
}

/** Starts a new etcd cluster on all control planes, with a token of its own (finding 12). */
export interface BootstrapEtcd extends StepBase {
  kind: 'bootstrap-etcd';
  targets: Target[];
}

/** Creates the etcd users and roles and switches authentication on; each part reads before it writes. */
export interface EnableEtcdAuthentication extends StepBase {
  kind: 'enable-etcd-authentication';
  because: string;
}

/**
 * Recreates one member from its settled spec (or starts what has stopped): leadership moved away first, stopped with grace. Settled
 * means that an emptied directory can't come up (DESIGN §6).
 */
export interface RestartEtcdMember extends StepBase {
  kind: 'restart-etcd-member';
  target: ContainerTarget;
}

/** Adds a learner with a data directory of its own, and starts it (I-05). What an interrupted attempt did is adopted. */
export interface AddEtcdMember extends StepBase {
  kind: 'add-etcd-member';
  target: Target;
}

/** Gives a learner that has caught up the spec that it keeps: with it an emptied directory can't come up (W-06). */
export interface SettleEtcdMember extends StepBase {
  kind: 'settle-etcd-member';
  target: Target;
}

/** Makes a settled learner a voter (I-07). */
export interface PromoteEtcdMember extends StepBase {
  kind: 'promote-etcd-member';
  target: Target;
  memberId: string;
}

/** How a member leaves: each has rules of its own (I-08, I-09, I-13); one that lost its data comes back as a new member (W-05). */
export type RemovalManner = 'healthy-voter' | 'failed-voter' | 'lost-data' | 'learner';

/** Takes a member out of the member list, by its id; nothing on its node is touched yet (W-08). */
export interface RemoveEtcdMember extends StepBase {
  kind: 'remove-etcd-member';
  target: Target;
  memberId: string;
  manner: RemovalManner;
}

/** Stops what is left of a removed member and puts its directory into the trash (W-01, W-02, W-08). */
export interface RetireEtcdMember extends StepBase {
  kind: 'retire-etcd-member';
  target: Target;
}

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

/** Applies built-in Kubernetes objects. */
export interface ApplyObjects extends StepBase {
  kind: 'apply-objects';
  objects: { key: string; because: string }[];
}

/** Applies objects of users, those that others stand on first. What they say is read where they are applied. */
export interface ApplyResources extends StepBase {
  kind: 'apply-resources';
  keys: ResourceKey[];
  because: string;
}

/** Deletes objects that users define no more. */
export interface DeleteResources extends StepBase {
  kind: 'delete-resources';
  keys: ResourceKey[];
  because: string;
}

/** Sets the addresses behind the Service default/kubernetes. */
export interface UpdateApiEndpoints extends StepBase {
  kind: 'update-api-endpoints';
  ready: string[];
  notReady: string[];
  because: string;
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

/** Why something that is wanted is not being done. A plan with blockers is never `converged`. */
export interface Blocker {
  /** Stable name of the rule or condition, e.g. `node-unreachable`, `crash-loop`, `I-01`. */
  gate: string;
  code: ErrorCode;
  node?: string;
  component?: Component;
  /** The sentence an operator reads: numbers included. */
  because: string;
  /** What would help: the literal command where there is one. */
  fix?: string;
}

/** Something that goes on by itself and is looked at again soon. */
export interface Wait {
  on: string;
  because: string;
  /** It does not go on by itself, but when a person has said yes to something else: nobody looks again soon. */
  until?: 'approval';
}

export interface Plan {
  /** What the round is about, for people: the first unfinished phase. */
  phase: Phase;
  steps: Step[];
  blockers: Blocker[];
  waits: Wait[];
  /** What a person may want to know, and what holds nothing up: nodes that have left and could not be cleaned. */
  notes?: string[];
  /** Steps that wait for a person's yes: they are not among `steps`. */
  pending?: PendingApproval[];
  /** Certificates that should have been renewed by now; absent when there are none. */
  expiring?: Expiring[];
}

/** A component whose certificate is not renewed, at most 20 of them. */
export interface Expiring {
  node: string;
  component: Component;
  because: string;
}

export type Phase =
  | 'prepare'
  | 'proxies'
  | 'etcd-bootstrap'
  | 'api-servers'
  | 'components'
  | 'certificates'
  | 'etcd-maintenance'
  | 'kubernetes-objects'
  | 'node-attributes'
  | 'departures'
  | 'waiting'
  | 'converged';

/** Nodes that a step touches. */
export function nodesOf(step: Step): string[] {
  if ('targets' in step) return step.targets.map(({ node }) => node);
  if ('target' in step) return [step.target.node];
  return [];
}

/** One line per step for people, e.g. `replace kube-scheduler on cp-2: extra_args changed`. */
export function describeStep(step: Step): string {
  const where = listNodes(nodesOf(step));
  switch (step.kind) {
    case 'prepare-nodes':
      return `prepare ${where}`;
    case 'run-component':
      return `run ${step.component} on ${where}: ${reasons(step.targets)}`;
    case 'renew-certificates':
      return `renew the certificates of ${step.component} on ${where}: ${reasons(step.targets)}`;
    case 'start-component':
      return `start ${step.component} on ${where}: ${reasons(step.targets)}`;
    case 'stop-component':
      return `stop ${step.component} on ${where}: ${reasons(step.targets)}`;
    case 'bootstrap-etcd':
      return `bootstrap etcd on ${where}`;
    case 'enable-etcd-authentication':
      return `enable etcd authentication: ${step.because}`;
    case 'restart-etcd-member':
      return `restart the etcd member on ${where}: ${step.target.because}`;
    case 'add-etcd-member':
      return `add an etcd learner on ${where}: ${step.target.because}`;
    case 'settle-etcd-member':
      return `settle the etcd learner on ${where}: ${step.target.because}`;
    case 'promote-etcd-member':
      return `promote the etcd learner on ${where}: ${step.target.because}`;
    case 'remove-etcd-member':
      return `remove the etcd member of ${where}: ${step.target.because}`;
    case 'retire-etcd-member':
      return `put what is left of the etcd member on ${where} away: ${step.target.because}`;
    case 'drain-node':
      return `drain ${where}: ${reasons(step.targets)}`;
    case 'uncordon-node':
      return `uncordon ${where}: ${reasons(step.targets)}`;
    case 'remove-node':
      return `remove ${where}: ${reasons(step.targets)}`;
    case 'delete-node-object':
      return `delete the Node object of ${where}: ${reasons(step.targets)}`;
    case 'apply-objects':
      return `apply ${step.objects.length} Kubernetes objects: ${step.objects.map(({ key }) => key).join(', ')}`;
    case 'apply-resources':
      return `apply ${listResources(step.keys)}: ${step.because}`;
    case 'delete-resources':
      return `delete ${listResources(step.keys)}: ${step.because}`;
    case 'update-api-endpoints':
      return `update the endpoints of default/kubernetes: ${step.because}`;
    case 'update-node-attributes':
      return `update attributes of ${where}: ${reasons(step.targets)}`;
    case 'install-cni-configuration':
      return `install the CNI configuration on ${where}: ${reasons(step.targets)}`;
  }
}

function listNodes(nodes: string[]): string {
  if (nodes.length <= 5) return nodes.join(', ');
  return `${nodes.slice(0, 4).join(', ')} and ${nodes.length - 4} more`;
}

function listResources(keys: ResourceKey[]): string {
  const [first = ''] = keys;
  return keys.length === 1 ? describeResource(first) : `${keys.length} resources from ${describeResource(first)} on`;
}

function reasons(targets: Target[]): string {
  return [...new Set(targets.map(({ because }) => because))].slice(0, 3).join('; ');
}

/** What an operation reports when it ends, and what history keeps. */
export interface OperationReport {
  outcome: 'converged' | 'waiting' | 'blocked' | 'failed' | 'paused' | 'cancelled' | 'destroyed';
  rounds: number;
  /** Descriptions of the steps that were done, at most 100. */
  done: string[];
  /** Steps that failed, with the error's message. */
  failed: { step: string; code: string; message: string }[];
  blockers: Blocker[];
  waits: Wait[];
  notes?: string[];
  /** What waits for a person's yes; absent when nothing does. */
  pending?: PendingApproval[];
  expiring?: Expiring[];
  /** What a paused operation would have done next. */
  nextStep?: string;
  revision: number;
  epoch: number;
}
