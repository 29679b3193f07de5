import type { Target, ContainerTarget, StepBase } from './base.ts';

/** Starts a new etcd cluster on all control planes, with a token of its own (finding 12): an empty one, or one with the data of a snapshot. */
export interface BootstrapEtcd extends StepBase {
  kind: 'bootstrap-etcd';
  targets: Target[];
  /** `machine:/path` of the snapshot. */
  restore?: string;
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
  /**
   * Without a quorum: the container that has stopped is started as it stands, with whatever spec; or, for a voter that leaves, one with
   * the settled spec takes its place, and nobody waits for it to be in sync.
   */
  manner?: 'start' | 'settle';
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
