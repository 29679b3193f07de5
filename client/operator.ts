import { hostname, userInfo } from 'node:os';
import { env } from 'node:process';

/** The name that stands in history: CKE_OPERATOR, or user@host. */
export function operatorName(): string {
  const given = env['CKE_OPERATOR'];
  return given === undefined || given === '' ? `${userName()}@${hostname()}` : given;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
