import type { PendingApproval } from './approval.ts';
import type { Component } from './components/component.ts';
import type { ErrorCode } from './errors.ts';
import { describeResource, type ResourceKey } from './resources/user/resource-key.ts';
import type { Step } from './steps/step.ts';

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

export function listResources(keys: ResourceKey[]): string {
  const [first = ''] = keys;
  return keys.length === 1 ? describeResource(first) : `${keys.length} resources from ${describeResource(first)} on`;
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
