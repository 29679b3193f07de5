import type { ApprovalReason } from '../declaration/maintenance.ts';

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

export interface StepBase {
  disruption: Disruption;
  /** What a policy may want to be asked about; decide() adds it. */
  risk?: ApprovalReason;
  /** Fingerprints of the approvals that allow it, where it needed any. */
  approvals?: string[];
}
