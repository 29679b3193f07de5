import type { Violation } from './history.ts';

/** An operation with its place in the one order that the store's contents show. */
export interface Placed {
  readonly object: string;
  readonly begin: number;
  /** Infinity for one without an answer: it may take effect at any time. */
  readonly end: number;
  /** Writes have places of their own; a read has the place of the write that it saw. */
  readonly place: number;
  readonly effect: 'read' | 'write';
  readonly what: string;
}

/** What ended before another operation began stands before it (linearizability); a read may stand where the write is that it saw. */
export function againstRealTime(operations: readonly Placed[]): Violation[] {
  const byEnd = operations.toSorted((a, b) => a.end - b.end);
  const violations: Violation[] = [];
  let ended = 0;
  let latest: Placed | undefined;
  for (const operation of operations.toSorted((a, b) => a.begin - b.begin)) {
    for (let next = byEnd[ended]; next && next.end < operation.begin; next = byEnd[++ended])
      if (latest === undefined || next.place > latest.place) latest = next;
    if (latest === undefined) continue;
    const goesBack = operation.effect === 'read' ? operation.place < latest.place : operation.place <= latest.place;
    if (goesBack)
      violations.push({
        kind: 'stale',
        object: operation.object,
        because: `${operation.what} (place ${operation.place}) began after ${latest.what} (place ${latest.place}) had ended`,
      });
  }
  return violations;
}
