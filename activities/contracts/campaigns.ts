import type { Scope } from '../../cluster/certificates/view.ts';
import type { PodPolicy, Rotatable, Rotation, RotationStage } from '../../cluster/certificates/trust.ts';
import type { Condemned, DataFate, LeftNode } from '../../cluster/destruction.ts';
import type { KeyChangeStage } from '../../cluster/encryption/key-change.ts';
import type { Mandate, NodeMandate } from './mandates.ts';
import type { DepartureActivities } from './steps.ts';

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
  /** Restarts workloads, takes the old CA out of what API servers publish, tells Vault's login of plugins, where this stage wants it. */
  settleHolders(input: RotationPlace): Promise<void>;
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
