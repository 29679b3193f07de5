/** When an operation ran, in milliseconds of one clock that all clients share. */
interface Interval {
  readonly begin: number;
  readonly end: number;
}

/** `unknown`: no answer, so it may have been done, or be done later. */
export type Outcome = 'ok' | 'failed' | 'unknown';

/** A change of a register from the value that was read before to one that nobody else writes; refused when it holds another one. */
export interface Write extends Interval {
  readonly kind: 'write';
  readonly object: string;
  readonly from: string;
  readonly to: string;
  readonly outcome: Outcome;
}

/** A linearizable read of a register that was answered. */
export interface Read extends Interval {
  readonly kind: 'read';
  readonly object: string;
  readonly value: string;
}

/** One entry, unlike all others, put at the end of a log. */
export interface Append extends Interval {
  readonly kind: 'append';
  readonly object: string;
  readonly entry: string;
  readonly outcome: Outcome;
}

/** A linearizable read of a whole log that was answered. */
export interface LogRead extends Interval {
  readonly kind: 'log-read';
  readonly object: string;
  readonly entries: readonly string[];
}

/** What clients did, and what they were told. */
export type Operation = Write | Read | Append | LogRead;

/** What every register holds before the first write. */
export const firstValue = 'first';

/** Something that a linearizable store never does. */
export interface Violation {
  readonly kind: 'lost' | 'thin-air' | 'stale' | 'duplicate';
  readonly object: string;
  readonly because: string;
}
