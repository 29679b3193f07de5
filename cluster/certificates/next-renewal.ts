import type { Declaration } from '../declaration/declaration.ts';
import type { Observation } from '../observation.ts';
import { lifetimesOf, renewsAt } from './expiry.ts';
import { allHeld } from './held.ts';

/**
 * Seconds until the next certificate is to be renewed, 1 at least; Infinity when there is none. One whose time has come does not count: it
 * is renewed, or tried again like everything that was tried in vain.
 */
export function secondsUntilRenewal(seen: { declaration: Declaration; observation: Observation }): number {
  const { renewBeforeHours } = lifetimesOf(seen.declaration);
  const now = Date.parse(seen.observation.at);
  const times = allHeld(seen).map(({ certificate }) => renewsAt(certificate, renewBeforeHours));
  const next = Math.min(Infinity, ...times.filter((time) => time > now));
  return Math.max(1, Math.ceil((next - now) / 1000));
}
