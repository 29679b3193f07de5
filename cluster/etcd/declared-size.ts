import { allowed, refused } from './verdict.ts';
import type { Verdict } from './verdict.ts';

const sizes = [1, 3, 5, 7];

/** I-18: an even number of members bears no more failures than the odd one below it, and needs more votes. */
export function mayRestAtSize(controlPlanes: number): Verdict {
  if (sizes.includes(controlPlanes)) return allowed;
  return refused('I-18', `${controlPlanes} control planes: etcd rests at 1, 3, 5 or 7 members`);
}
