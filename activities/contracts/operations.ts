import type { PendingApproval } from '../../cluster/approval.ts';
import type { Authority } from '../../cluster/certificates/certificate.ts';
import type { CertificatesView, Scope } from '../../cluster/certificates/view.ts';
import type { ClusterView } from '../../cluster/view.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import type { SetAside } from '../../cluster/decide/facts.ts';
import type { Backup } from '../../cluster/etcd/backup.ts';
import type { Story, Subscription } from '../../cluster/notification.ts';
import type { OperationReport, Plan } from '../../cluster/plan.ts';
import type { PlannedChange, PlanPreview } from '../../cluster/saved-plan.ts';
import type { AnswerInput } from '../store/approvals.ts';

export interface Round {
  cluster: string;
  /** Absent for the first look of an operation, which takes the next one: whoever worked before may change nothing any more (E-03). */
  epoch?: number;
  setAside: SetAside[];
  /** For the first look of an operation: a saved plan whose declaration it accepts, if it would do the same. */
  planned?: PlannedChange;
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
  webhooks?: Subscription[];
  paused?: { by: string; because: string };
}

/** Deciding, and the facts about an operation: management etcd and observation only. */
export interface OperationActivities {
  /** @throws CkeError StalePlan when a saved plan would not be done as it was read */
  observeAndDecide(input: Round): Promise<Decision>;
  finishOperation(input: {
    cluster: string;
    requestedBy: string;
    because: string;
    report: OperationReport;
  }): Promise<void>;
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

/** What keeps Vault in order, day by day. */
export interface VaultUpkeepActivities {
  /** Has Vault drop expired certificates of one authority; that of the plugin is passed over where there is none. */
  tidyAuthority(input: { cluster: string; authority: Authority }): Promise<void>;
  /** Exchanges the secret-id of this machine when less than a third of its life is left. */
  renewSecretId(input: { cluster: string }): Promise<{ secretId: 'kept' | 'renewed' }>;
}

export type BackupOutcome = { outcome: 'kept'; backup: Backup } | { outcome: 'no etcd yet' };

/** Snapshots of a cluster's etcd, taken without changing anything there. */
export interface BackupActivities {
  backUpEtcd(input: { cluster: string }): Promise<BackupOutcome>;
  /** Puts it on record that one failed; returns who may want to be told. */
  recordFailedBackup(input: { cluster: string; because: string }): Promise<Subscription[]>;
}

export interface RestoreOrder {
  cluster: string;
  /** `machine:/path` of a snapshot on the worker's machine. */
  place: string;
  /** Whether what came after the snapshot may be lost. */
  loss: 'accepted' | 'not accepted';
  by: string;
}

export interface RestoreActivities {
  /**
   * Records that etcd is to begin anew with the data of a snapshot; ends whatever operation goes on.
   * @throws CkeError BackupFailed, QuorumAtRisk where the quorum is not lost (inputs 74, 75), NodeUnreachable
   */
  beginRestore(input: RestoreOrder): Promise<void>;
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

export type WatchBegun = 'at first' | 'again';

export interface WatchActivities {
  /**
   * Follows the management etcd and the nodes' Docker events and wakes the entity; ends when it is cancelled or its worker stops.
   * Who begins again wakes it at once: of what happened in between nobody was told.
   */
  watchCluster(input: { cluster: string; begun: WatchBegun }): Promise<void>;
}
