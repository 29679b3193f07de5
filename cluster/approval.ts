import { canonicalJson } from './canonical.ts';
import type { ApprovalReason } from './declaration/maintenance.ts';
import type { Step } from './steps/step.ts';

/** What a person allows: one thing that is done to one target under one revision (DESIGN §7.7). */
export interface ApprovalSubject {
  /** Kind of the step. */
  kind: string;
  /** Node, or what is brought to another version on all nodes: `kubernetes`, `etcd`, `rivers`. */
  target: string;
  from: string;
  to: string;
  /** Of the declaration that wants it. */
  revision: number;
}

/** A step that waits for a person's yes; everything else goes on meanwhile. */
export interface PendingApproval extends ApprovalSubject {
  /** Of the subject: survives unrelated change. */
  fingerprint: string;
  risk: ApprovalReason;
  because: string;
  /** Nodes that wait for it now. */
  nodes: string[];
  /** Once it is recorded: who asked, and when the question ends, RFC 3339. */
  requestedBy?: string;
  expiresAt?: string;
}

/** How a question was answered: `open` until then, and again when the answer has expired. */
export type ApprovalState =
  { state: 'open' } | { state: 'approved' } | { state: 'rejected'; by: string; reason?: string };

/** What decide() knows of approvals. */
export interface ApprovalFacts {
  revision: number;
  fingerprintOf: (subject: ApprovalSubject) => string;
  stateOf: (fingerprint: string) => ApprovalState;
}

/** Nobody was asked: what needs a yes waits, and is named by its plain text. */
export const unasked: ApprovalFacts = {
  revision: 0,
  fingerprintOf: subjectText,
  stateOf: () => ({ state: 'open' }),
};

/** The text that a fingerprint is the hash of. */
export function subjectText({ kind, target, from, to, revision }: ApprovalSubject): string {
  return canonicalJson({ kind, target, from, to, revision });
}

/** One line for people: `upgrade etcd: v3.6.15 → v3.6.16`. */
export function describeSubject({ kind, target, from, to }: Omit<ApprovalSubject, 'revision'>): string {
  return `${kind.replaceAll('-', ' ')}: ${target}, ${from} → ${to}`;
}

/** Approvals that have served their purpose: all that they allowed is done. `undone` are the kinds of steps that have failed in part. */
export function servedBy(steps: Step[], undone: ReadonlySet<Step['kind']>): string[] {
  return steps.filter((step) => concludes(step) && !undone.has(step.kind)).flatMap(({ approvals = [] }) => approvals);
}

/** Whether an approval has served its purpose once this step is done; others hold until the cluster has converged, or they expire. */
export function concludes({ kind, risk }: Step): boolean {
  return kind === 'remove-node' || kind === 'delete-node-object' || kind === 'delete-resources' || risk === 'outage';
}
