import { allowed, refusedForNow } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** How long everything has to be in sync before the next change. etcd itself wants 5 s of connected peers. */
const settledSeconds = 10;

/** I-04: the change before this one has settled. */
export function isStable(seconds: number): Verdict {
  if (seconds >= settledSeconds) return allowed;
  return refusedForNow(
    'I-04',
    `all voters have been in sync for ${seconds} s; the next change waits until ${settledSeconds} s have passed`,
  );
}
