import type { Component } from '../../cluster/components/component.ts';
import type { DrainNode } from '../../cluster/steps/node-steps.ts';
import type { RemovalManner } from '../../cluster/steps/etcd-steps.ts';
import type { Endpoints } from '../../cluster/resources/endpoint-slice.ts';
import type { ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import type { Mandate, NodeMandate, ComponentMandate } from './mandates.ts';

/** One outside call each, on one node. Every one reads, checks, acts and verifies, and adopts what it finds on a retry. */
export interface NodeActivities {
  /** Lists what the node lacks at once. Throws PreflightFailed. */
  checkNode(input: NodeMandate): Promise<void>;
  pullImages(input: NodeMandate): Promise<void>;
  createFileContainer(input: NodeMandate): Promise<void>;
  /** Issues the certificates that the set needs and switches to the new generation. */
  installFiles(input: ComponentMandate): Promise<void>;
  /** Brings the image, removes `containerId` (if it still is there) and creates and starts the wanted container. */
  replaceContainer(input: ComponentMandate & { containerId?: string }): Promise<void>;
  startContainer(input: ComponentMandate & { containerId: string }): Promise<void>;
  stopContainer(input: ComponentMandate & { containerId: string }): Promise<void>;
  /** Records how the node is reached, before anything is put there. */
  enrolNode(input: NodeMandate): Promise<void>;
  /** Waits until the component serves. Throws NotHealthy or CrashLoop with its last words. */
  awaitHealthy(input: ComponentMandate): Promise<void>;
  /** Waits until the container serves with the certificates that are installed, and records it. Throws NotHealthy. */
  awaitCertificates(input: ComponentMandate & { containerId: string }): Promise<void>;
  installCniConfiguration(input: NodeMandate & { podCidr?: string }): Promise<void>;
}

export interface EtcdActivities {
  /** Records the token and the memberships of a new cluster, or adopts those of an interrupted bootstrap. */
  recordBootstrap(input: Mandate): Promise<void>;
  createDataDirectory(input: NodeMandate): Promise<void>;
  /** Stops and removes what stands of the cluster before a restore: the API server, and etcd's old member. */
  stopForRestore(input: NodeMandate): Promise<void>;
  /** Brings the snapshot of the record to the node and makes the new member's directory of it, unless it is there (W-09). */
  restoreDirectory(input: NodeMandate): Promise<void>;
  /** Waits until every member is in sync, and records that the cluster is born. */
  concludeBootstrap(input: Mandate): Promise<void>;
  moveLeaderAway(input: NodeMandate): Promise<void>;
  /** Brings the image, then replaces or starts the container of a voter, after checking on fresh facts that the quorum bears it. */
  restartMember(input: NodeMandate & { containerId?: string }): Promise<void>;
  /** Starts the container of a voter that has stopped, as it stands, if its directory is intact; on a node that leaves, too. */
  startMember(input: NodeMandate & { containerId: string }): Promise<void>;
  awaitMemberSynced(input: NodeMandate): Promise<void>;
  enableEtcdAuthentication(input: Mandate): Promise<void>;
  /** Streams a snapshot to the worker's machine and verifies it (W-10): before every membership change. */
  takeEtcdSnapshot(input: Mandate): Promise<void>;
  /** Records a new membership of the node, with a data directory of its own, or adopts that of an interrupted attempt. */
  recordMembership(input: NodeMandate): Promise<void>;
  /** Adds the node's member as a learner and records its id, or adopts it. */
  addLearner(input: NodeMandate): Promise<void>;
  /** Starts a learner for the first time, on its empty directory (W-04). */
  startLearner(input: NodeMandate): Promise<void>;
  /** Records that the learner has data now: from here on it is run from its settled spec. */
  recordSettled(input: NodeMandate): Promise<void>;
  promoteLearner(input: NodeMandate & { memberId: string }): Promise<void>;
  /** Takes a member out of the member list, by its id. */
  removeMember(input: NodeMandate & { memberId: string; manner: RemovalManner }): Promise<void>;
  /** Records that a node's member is no member any more, once no list has it. */
  recordRemoval(input: NodeMandate): Promise<void>;
  /** Stops and removes the container of a member that was removed (W-08). */
  stopRemovedMember(input: NodeMandate): Promise<void>;
  /** Renames the directory of a removed member into the trash (W-01, W-02). */
  trashDirectory(input: NodeMandate): Promise<void>;
  /** Drops the membership from the records: nothing of it is left but the trash. */
  dropMembership(input: NodeMandate): Promise<void>;
}

/** What is done to nodes that have left the declaration; all but the first refuse for one that is declared. */
export interface DepartureActivities {
  /**
   * Cordons the node and asks each of its pods once to go (Eviction API); who refuses is recorded with the reason. A node that is
   * declared is drained for an upgrade only, one that has left for its departure only.
   */
  evictPods(input: NodeMandate & { before: DrainNode['before'] }): Promise<void>;
  /** Stops and removes the container of a component, etcd's excepted. */
  removeContainer(input: NodeMandate & { component: Exclude<Component, 'etcd'> }): Promise<void>;
  deleteNodeObject(input: NodeMandate): Promise<void>;
  /** Removes the files that we published on the node. */
  removeFiles(input: NodeMandate): Promise<void>;
  removeFileContainer(input: NodeMandate): Promise<void>;
  /** Drops the records of the node. */
  forgetNode(input: NodeMandate): Promise<void>;
}

export interface KubernetesActivities {
  /** Lets a drained node take pods again, unless it did not before, and forgets the drain. */
  uncordonNode(input: NodeMandate): Promise<void>;
  applyObjects(input: Mandate & { keys: string[] }): Promise<void>;
  updateApiEndpoints(input: Mandate & Endpoints): Promise<void>;
  updateEtcdEndpoints(input: Mandate & Endpoints): Promise<void>;
  updateNodeAttributes(input: NodeMandate): Promise<void>;
}

/** Objects of users, by their keys: what they say is in the management etcd, and what Secrets hold in Vault. */
export interface ResourceActivities {
  /** Applies each, those that others stand on first. What an API server refuses is put on record. */
  applyResources(input: Mandate & { keys: ResourceKey[] }): Promise<void>;
  /** Deletes those that are defined no more, or forgets those that are to stay. */
  deleteResources(input: Mandate & { keys: ResourceKey[] }): Promise<void>;
}

export type StepActivities = NodeActivities &
  EtcdActivities &
  DepartureActivities &
  KubernetesActivities &
  ResourceActivities;
