import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { RotationWish } from '../activities/contracts/campaigns.ts';
import type { Scope } from '../cluster/certificates/view.ts';
import type { PendingApproval } from '../cluster/approval.ts';
import type { Rotatable, RotationStage } from '../cluster/certificates/trust.ts';
import type { DataFate, LeftNode } from '../cluster/destruction.ts';
import type { ImageName } from '../cluster/declaration/images.ts';
import type { KeyChangeStage } from '../cluster/encryption/key-change.ts';
import type { Blocker, OperationReport, Phase, Wait } from '../cluster/plan.ts';
import type { PlannedChange } from '../cluster/saved-plan.ts';

/** Names that stand in histories and in people's fingers: changing one breaks both. */
export const taskQueue = 'cke';

export const clusterWorkflowId = (cluster: string): string => `cluster/${cluster}`;
export const operationWorkflowId = (cluster: string): string => `cluster/${cluster}/operation`;
export const replaceWorkflowId = (cluster: string, node: string): string => `cluster/${cluster}/replace/${node}`;
export const vaultWorkflowId = (cluster: string): string => `cluster/${cluster}/vault`;
export const backupWorkflowId = (cluster: string): string => `cluster/${cluster}/backup`;
export const rotationWorkflowId = (cluster: string, of: string): string => `cluster/${cluster}/rotate/${of}`;
export const destroyWorkflowId = (cluster: string): string => `cluster/${cluster}/destroy`;
/** One rotation of a kind, of a node, of both, or of all, at a time. */
export const rotateWorkflowId = (cluster: string, { kind, node }: Scope): string =>
  `cluster/${cluster}/certificates/${kind ?? 'all'}${node === undefined ? '' : `@${node}`}`;
export const imagesWorkflowId = (cluster: string, digest: string): string => `cluster/${cluster}/images/${digest}`;
export const watchWorkflowId = (cluster: string): string => `cluster/${cluster}/watch`;

export const keyChangeWorkflowId = (cluster: string): string => `cluster/${cluster}/secrets-key`;

export const notifyWorkflowId = (cluster: string, id: string): string => `cluster/${cluster}/notify/${id}`;

export const batchWorkflowId = (part: {
  cluster: string;
  epoch: number;
  round: number;
  step: number;
  number: number;
}): string =>
  `cluster/${part.cluster}/operation/${part.epoch}/round-${part.round}/step-${part.step}/batch-${part.number}`;

/** Registered by `cke-client init`. Never anything secret: the server stores them in clear. */
export const searchAttributes = {
  cluster: defineSearchAttributeKey('Cluster', 'KEYWORD'),
  phase: defineSearchAttributeKey('Phase', 'KEYWORD'),
  outcome: defineSearchAttributeKey('Outcome', 'KEYWORD'),
};

export interface ReconcileRequest {
  /** Who asked, e.g. `alice@bastion`. */
  requestedBy: string;
  because: string;
  /** A saved plan, which the next operation accepts and carries out, or refuses: it is compared under the lock. */
  planned?: PlannedChange;
}

/** A number that only grows: the request is done when `ClusterStatus.completedTicket` has reached it. */
export interface Ticket {
  ticket: number;
}

/** A person's wish to reconcile now. Refused when it brings a saved plan while another one waits. */
export const requestReconcile = defineUpdate<Ticket, [ReconcileRequest]>('requestReconcile');

/** What a person says to a question that `status` lists. */
export interface Judgement {
  fingerprint: string;
  /** Who says it, e.g. `alice@bastion`. */
  by: string;
  reason?: string;
}

/** Allows a step that waits for a person's yes. Refused when the last report does not ask for it, or the question has ended. */
export const approve = defineUpdate<PendingApproval, [Judgement]>('approve');

/** The same with a no: the step is not done under this revision of the declaration. */
export const reject = defineUpdate<PendingApproval, [Judgement]>('reject');

/** A fact that makes a look worthwhile (a container died, a record changed). Needs no answer. */
export const wake = defineSignal<[{ because: string }]>('wake');

export const status = defineQuery<ClusterStatus>('status');

/** Answered by the operation while it runs. */
export const progress = defineQuery<OperationProgress>('progress');

export interface ClusterStatus {
  cluster: string;
  state: 'reconciling' | 'idle';
  requestedTicket: number;
  completedTicket: number;
  /** Why the running or the next operation was asked for. */
  because: string;
  /** RFC 3339; of the run that is going on. */
  runningSince?: string;
  lastReport?: OperationReport;
  lastFinishedAt?: string;
  intervalSeconds: number;
}

export interface OperationProgress {
  round: number;
  phase: Phase;
  /** Descriptions of the steps under way, with how many of their nodes are finished. */
  running: { step: string; done: number; of: number }[];
  done: string[];
  blockers: Blocker[];
  waits: Wait[];
  /** What waits for a person's yes. */
  pending?: PendingApproval[];
}

/** A machine that takes the place of a node: the declaration with it, and the revision that it was made from. */
export interface ReplaceNode {
  cluster: string;
  old: string;
  replacement: string;
  text: string;
  baseRevision: number;
  by: string;
}

export interface ReplacementProgress {
  stage: 'checking' | 'reconciling' | 'done';
  because: string;
  /** Of the declaration, once it is accepted. */
  revision?: number;
}

export interface RotateCertificates extends Scope {
  cluster: string;
  by: string;
}

export interface RenewalProgress {
  stage: 'asking' | 'reconciling' | 'done';
  because: string;
  /** That certificates get by it, once it is written down. */
  generation?: number;
}

/** Answered by the campaign of a rotation of leaf certificates. */
export const renewalProgress = defineQuery<RenewalProgress>('renewalProgress');

/** Answered by the campaign of a replacement. */
export const replacementProgress = defineQuery<ReplacementProgress>('replacementProgress');

/** A person's wish to rotate a CA, or to say something about a rotation that goes on. */
export interface RotateAuthority {
  cluster: string;
  of: Rotatable;
  wish: RotationWish;
}

export interface RotationProgress {
  stage: RotationStage | 'beginning' | 'done';
  /** What it waits for, in sentences. */
  missing: string[];
  more: number;
  from?: string;
  to?: string;
  direction?: 'forward' | 'back';
}

/** Answered by the campaign of a rotation. */
export const rotationProgress = defineQuery<RotationProgress>('rotationProgress');

/** What a person says while it goes on: nodes to leave out, what to do with pods, or back. */
export const directRotation = defineUpdate<RotationProgress, [RotationWish]>('directRotation');
/** A person's order to take a whole cluster apart. */
export interface DestroyCluster {
  cluster: string;
  by: string;
  data: DataFate;
}

export interface DestructionProgress {
  stage: 'beginning' | 'workers' | 'control planes' | 'done';
  data: DataFate;
  /** Names of the nodes that are to be cleaned still. */
  waiting: string[];
  cleaned: string[];
  left: LeftNode[];
}

/** Answered by the workflow that takes a cluster apart. */
export const destructionProgress = defineQuery<DestructionProgress>('destructionProgress');
/** Images to be brought to nodes before anything needs them. */
export interface PullImages {
  cluster: string;
  /** The accepted declaration, which says how the nodes are reached. */
  revision: number;
  nodes: string[];
  images: Record<ImageName, string>;
}

export interface ImagesProgress {
  /** Nodes. */
  of: number;
  done: number;
  /** Images that were not there before, over all nodes. */
  pulled: number;
  failed: { node: string; because: string }[];
}

/** Answered while images are pulled, and after that. */
export const imagesProgress = defineQuery<ImagesProgress>('imagesProgress');
/** Where a change of the key of Secrets stands. */
export interface KeyChangeProgress {
  /** `secretbox key-1 → secretbox key-2`, once it is on record. */
  change?: string;
  stage: KeyChangeStage | 'beginning' | 'done';
  /** What it waits for, or what it does. */
  because: string;
}

/** Answered by the campaign that changes the key of Secrets. */
export const keyChangeProgress = defineQuery<KeyChangeProgress>('keyChangeProgress');
