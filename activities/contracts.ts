import type { PendingApproval } from '../cluster/approval.ts';
import type { Authority } from '../cluster/certificates/certificate.ts';
import type { CertificatesView, Scope } from '../cluster/certificates/view.ts';
import type { ClusterView } from '../cluster/view.ts';
import type { PodPolicy, Rotatable, Rotation, RotationStage } from '../cluster/certificates/trust.ts';
import type { Component } from '../cluster/components/component.ts';
import type { Condemned, DataFate, LeftNode } from '../cluster/destruction.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import type { SetAside } from '../cluster/decide/facts.ts';
import type { KeyChangeStage } from '../cluster/encryption/key-change.ts';
import type { Webhook } from '../cluster/declaration/maintenance.ts';
import type { Story } from '../cluster/notification.ts';
import type { DrainNode, OperationReport, Plan, RemovalManner } from '../cluster/plan.ts';
import type { ResourceKey } from '../cluster/resources/user/resource-key.ts';
import type { PlanPreview } from '../cluster/saved-plan.ts';
import type { AnswerInput } from './store/approvals.ts';

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
  /** Absent for the first look of an operation, which takes the next one: whoever worked before may change nothing any more (E-03). */
  epoch?: number;
  setAside: SetAside[];
  /** On whose behalf people are asked for approvals. */
  requestedBy?: string;
  /** Fingerprints of approvals whose steps were done since the last look. */
  spent?: string[];
}

/** What a round found: small enough for a payload even with 1,000 nodes. */
export interface Decision {
  plan: Plan;
  /** Of the operation: what its steps and its next looks carry. */
  epoch: number;
  revision: number;
  intervalSeconds: number;
  /** Nodes that one batch may touch at the same time. */
  lanes: number;
  /** RFC 3339: facts that are older than this are covered by the decision. */
  observedAt: string;
  /** Who wants to be told what; absent where nobody does. */
  webhooks?: Pick<Webhook, 'name' | 'events'>[];
  paused?: { by: string; because: string };
}

/** Deciding, and the facts about an operation: management etcd and observation only. */
export interface OperationActivities {
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
  /** Waits until every member is in sync, and records that the cluster is born. */
  concludeBootstrap(input: Mandate): Promise<void>;
  moveLeaderAway(input: NodeMandate): Promise<void>;
  /** Brings the image, then replaces or starts the container of a voter, after checking on fresh facts that the quorum bears it. */
  restartMember(input: NodeMandate & { containerId?: string }): Promise<void>;
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

/** Taking a whole cluster apart, on a person's order that is on record; refused without it. */
export interface DestructionActivities {
  /** Records the order and takes the epoch that belongs to it, or adopts one that goes on. */
  beginDestruction(input: {
    cluster: string;
    by: string;
    data: DataFate;
  }): Promise<{ epoch: number; revision: number; data: DataFate } & Condemned>;
  /** Stops and removes the container of the node's etcd member. */
  stopCondemnedMember(input: NodeMandate): Promise<void>;
  /** Renames the node's etcd data into the trash, or deletes them and the trash, and drops the membership (W-01, W-02). */
  giveUpData(input: NodeMandate & { data: DataFate }): Promise<void>;
  /** Looks whether anything of ours runs there still. Throws NotHealthy. */
  confirmClean(input: NodeMandate): Promise<void>;
  /** Clears the records, and writes the account of it into the history. */
  concludeDestruction(input: Mandate & { by: string; done: string[]; left: LeftNode[] }): Promise<void>;
}

/** What is done to one node of a cluster that is taken apart. */
export type DismantlingActivities = DestructionActivities &
  Pick<DepartureActivities, 'removeContainer' | 'removeFiles' | 'removeFileContainer' | 'forgetNode'>;

export interface KubernetesActivities {
  /** Lets a drained node take pods again, unless it did not before, and forgets the drain. */
  uncordonNode(input: NodeMandate): Promise<void>;
  applyObjects(input: Mandate & { keys: string[] }): Promise<void>;
  updateApiEndpoints(input: Mandate & { ready: string[]; notReady: string[] }): Promise<void>;
  updateNodeAttributes(input: NodeMandate): Promise<void>;
}

/** Objects of users, by their keys: what they say is in the management etcd, and what Secrets hold in Vault. */
export interface ResourceActivities {
  /** Applies each, those that others stand on first. What an API server refuses is put on record. */
  applyResources(input: Mandate & { keys: ResourceKey[] }): Promise<void>;
  /** Deletes those that are defined no more, or forgets those that are to stay. */
  deleteResources(input: Mandate & { keys: ResourceKey[] }): Promise<void>;
}

/** What people say to questions. */
export interface ApprovalActivities {
  /** @throws CkeError ApprovalRefused, which says what speaks against it */
  answerApproval(input: { cluster: string } & AnswerInput): Promise<PendingApproval>;
}

export interface TellWebhook {
  cluster: string;
  /** Name of the webhook in the declaration. */
  webhook: string;
  story: Story;
  /** When it happened, RFC 3339. */
  at: string;
}

export interface NotifyActivities {
  /** Posts one story to one webhook; nothing when it is not declared any more. Throws NotificationFailed. */
  tellWebhook(input: TellWebhook): Promise<void>;
}

/** What was found on one node, a sentence for each component. */
export type FileCheck =
  { node: string; state: 'checked'; damage: string[] } | { node: string; state: 'unknown'; because: string };

/** Looking without touching, for `plan`, `status` and `why`. */
export interface ViewActivities {
  view(input: { cluster: string }): Promise<ClusterView>;
  /** The certificates that nodes hold. */
  certificates(input: { cluster: string } & Scope): Promise<CertificatesView>;
  /** Compares the files on every node, or on one, with what was installed; what is wrong is repaired by the next operation. */
  checkFiles(input: { cluster: string; node?: string }): Promise<FileCheck[]>;
  /** What would be done for `text`, or for the accepted declaration without it. */
  preview(input: { cluster: string; text?: string }): Promise<PlanPreview>;
}

/** What campaigns do: change what is wanted, and look. */
export interface CampaignActivities {
  /** Accepts a declaration that was made from revision `baseRevision`; one that stands there already counts as accepted. */
  acceptDeclaration(input: {
    cluster: string;
    text: string;
    baseRevision: number;
    by: string;
  }): Promise<{ revision: number }>;
  /** Writes a person's wish for new certificates down, once for each id. */
  askForRenewal(input: { cluster: string; by: string; id: string } & Scope): Promise<{ generation: number }>;
  lookAtRenewal(input: { cluster: string; generation: number } & Scope): Promise<CampaignLook>;
  lookAtReplacement(input: { cluster: string; old: string; replacement: string }): Promise<CampaignLook>;
}

export interface CampaignLook {
  state: 'done' | 'going on';
  because: string;
}

/** What keeps Vault in order, day by day. */
export interface VaultUpkeepActivities {
  /** Has Vault drop expired certificates of one authority. */
  tidyAuthority(input: { cluster: string; authority: Authority }): Promise<void>;
  /** Exchanges the secret-id of this machine when less than a third of its life is left. */
  renewSecretId(input: { cluster: string }): Promise<{ secretId: 'kept' | 'renewed' }>;
}

export interface RotationPlace {
  cluster: string;
  of: Rotatable;
}

/** What a person says about a rotation that goes on. */
export interface RotationWish {
  by: string;
  /** Nodes that it does not wait for. */
  without: string[];
  /** What happens to pods with an older CA; absent: as before. */
  pods?: PodPolicy;
  /** `back`: the old issuer signs again, and the new one is dropped. */
  turn?: 'back';
}

export interface RotationLook {
  /** `over`: it is not being rotated any more. */
  state: 'complete' | 'going on' | 'over';
  rotation?: Rotation;
  /** What keeps the stage from being complete, in sentences: the first ones, and how many there are beside them. */
  missing: string[];
  more: number;
}

/** What the campaign of a rotation does: change which CAs are wanted, look, and tell those that reconcile does not reach. */
export interface RotationActivities {
  /** Makes the new issuer and begins; one that goes on is adopted. Throws RotationRefused. */
  beginRotation(input: RotationPlace & RotationWish & { to: string }): Promise<Rotation>;
  directRotation(input: RotationPlace & RotationWish): Promise<Rotation>;
  lookAtRotation(input: RotationPlace): Promise<RotationLook>;
  /** Enters the next stage once `stage` is seen complete; what an earlier attempt did counts. Deletes the old issuer at the end. */
  advanceRotation(input: RotationPlace & { stage: RotationStage }): Promise<void>;
  /** Restarts workloads and takes the old CA out of what API servers publish, where this stage wants it. */
  settleHolders(input: RotationPlace): Promise<void>;
}

export interface ImageActivities {
  /**
   * Brings those of `images` to a node that it runs or will run, unless they are there. Stops nothing, and needs no epoch. Throws
   * ImageMissing.
   */
  bringImages(input: {
    cluster: string;
    revision: number;
    node: string;
    images: Declaration['images'];
  }): Promise<{ pulled: number }>;
}

/** What one look at a change of the key came to. */
export interface KeyChangeLook {
  state: 'moved' | 'waiting' | 'done';
  /** The stage that is entered, or that goes on; absent when no change is under way. */
  stage?: KeyChangeStage;
  /** Whether every API server was just seen to have the keys of the stage, nobody excepted. */
  servers: 'complete' | 'open';
  because: string;
}

export interface RewriteInput {
  cluster: string;
  /** The last key of etcd that was looked at. */
  after?: string;
  /** How many Secrets this pass has looked at, and how many of them had to be written anew. */
  looked: number;
  rewritten: number;
}

/** The campaign that changes the key of Secrets: it moves the record on; only reconcile touches API servers. */
export interface EncryptionActivities {
  /** Names the new key, makes it in Vault, and records that it is wanted; a change that is under way is adopted. */
  beginKeyChange(input: { cluster: string; by: string }): Promise<{ change: string }>;
  /** Moves the record to the next stage when the present one is seen complete. `clean`: all Secrets were just seen to be rewritten. */
  advanceKeyChange(input: { cluster: string; secrets: 'clean' | 'unknown' }): Promise<KeyChangeLook>;
  /** Looks at some Secrets in etcd, and has those that were written with another key written anew. Without `after` in the answer it was all. */
  rewriteSecrets(input: RewriteInput): Promise<RewriteInput>;
}

export type WatchBegun = 'at first' | 'again';

export interface WatchActivities {
  /**
   * Follows the management etcd and the nodes' Docker events and wakes the entity; ends when it is cancelled or its worker stops.
   * Who begins again wakes it at once: of what happened in between nobody was told.
   */
  watchCluster(input: { cluster: string; begun: WatchBegun }): Promise<void>;
}

export type StepActivities = NodeActivities &
  EtcdActivities &
  DepartureActivities &
  KubernetesActivities &
  ResourceActivities;
export type Activities = OperationActivities &
  ApprovalActivities &
  NotifyActivities &
  StepActivities &
  DestructionActivities &
  CampaignActivities &
  RotationActivities &
  EncryptionActivities &
  ViewActivities &
  VaultUpkeepActivities &
  ImageActivities &
  WatchActivities;
