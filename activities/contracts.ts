import type { ClusterView } from '../cluster/view.ts';
import type { Component } from '../cluster/components/component.ts';
import type { SetAside } from '../cluster/decide/facts.ts';
import type { OperationReport, Plan } from '../cluster/plan.ts';

/** What every mutating activity carries: which declaration it acts for, and the fencing epoch (rule E-02). */
export interface Mandate {
  cluster: string;
  revision: number;
  epoch: number;
}

export interface NodeMandate extends Mandate {
  node: string;
}

export interface ComponentMandate extends NodeMandate {
  component: Component;
}

export interface Round {
  cluster: string;
  epoch: number;
  setAside: SetAside[];
}

/** What a round found: small enough for a payload even with 1,000 nodes. */
export interface Decision {
  plan: Plan;
  revision: number;
  intervalSeconds: number;
  /** Nodes that one batch may touch at the same time. */
  lanes: number;
  /** RFC 3339: facts that are older than this are covered by the decision. */
  observedAt: string;
  paused?: { by: string; because: string };
}

/** Deciding, and the facts about an operation: management etcd and observation only. */
export interface OperationActivities {
  beginOperation(input: { cluster: string }): Promise<{ epoch: number }>;
  observeAndDecide(input: Round): Promise<Decision>;
  finishOperation(input: {
    cluster: string;
    requestedBy: string;
    because: string;
    report: OperationReport;
  }): Promise<void>;
}

/** One outside call each, on one node. Every one reads, checks, acts and verifies, and adopts what it finds on a retry. */
export interface NodeActivities {
  /** Lists what the node lacks at once. Throws PreflightFailed. */
  checkNode(input: NodeMandate): Promise<void>;
  pullImages(input: NodeMandate): Promise<void>;
  createFileContainer(input: NodeMandate): Promise<void>;
  /** Issues the certificates that the set needs and switches to the new generation. */
  installFiles(input: ComponentMandate): Promise<void>;
  /** Removes `containerId` (if it still is there) and creates and starts the wanted container. */
  replaceContainer(input: ComponentMandate & { containerId?: string }): Promise<void>;
  startContainer(input: ComponentMandate & { containerId: string }): Promise<void>;
  stopContainer(input: ComponentMandate & { containerId: string }): Promise<void>;
  /** Waits until the component serves. Throws NotHealthy or CrashLoop with its last words. */
  awaitHealthy(input: ComponentMandate): Promise<void>;
  installCniConfiguration(input: NodeMandate & { podCidr?: string }): Promise<void>;
}

export interface EtcdActivities {
  /** Records the token and the memberships of a new cluster, or adopts those of an interrupted bootstrap. */
  recordBootstrap(input: Mandate): Promise<void>;
  createDataDirectory(input: NodeMandate): Promise<void>;
  /** Waits until every member is in sync, and records that the cluster is born. */
  concludeBootstrap(input: Mandate): Promise<void>;
  moveLeaderAway(input: NodeMandate): Promise<void>;
  /** Replaces or starts the container of a voter, after checking on fresh facts that the quorum bears it. */
  restartMember(input: NodeMandate & { containerId?: string }): Promise<void>;
  awaitMemberSynced(input: NodeMandate): Promise<void>;
  enableEtcdAuthentication(input: Mandate): Promise<void>;
}

export interface KubernetesActivities {
  applyObjects(input: Mandate & { keys: string[] }): Promise<void>;
  updateApiEndpoints(input: Mandate & { ready: string[]; notReady: string[] }): Promise<void>;
  updateNodeAttributes(input: NodeMandate): Promise<void>;
}

/** Looking without touching, for `plan`, `status` and `why`. */
export interface ViewActivities {
  view(input: { cluster: string }): Promise<ClusterView>;
  /** What would be done for `text`, or for the accepted declaration without it. */
  preview(input: { cluster: string; text?: string }): Promise<Plan>;
}

export interface WatchActivities {
  /** Follows the management etcd and the nodes' Docker events and wakes the entity; ends when it is cancelled. */
  watchCluster(input: { cluster: string }): Promise<void>;
}

export type StepActivities = NodeActivities & EtcdActivities & KubernetesActivities;
export type Activities = OperationActivities & StepActivities & ViewActivities & WatchActivities;
