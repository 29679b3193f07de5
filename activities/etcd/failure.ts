/**
 * What an etcd error means for the caller. The library loses the status codes, so texts decide (reliability appendix B).
 * - `unavailable`: the member was not reached: nothing was done by it
 * - `unknown`: it may or may not have been done: read before anything else
 * - `maybe-applied`: it looks as if it had been done before: read, and adopt
 * - `wait`: refused now, may be accepted later
 * - `refused`: refused for good
 * - `no-space`: the store is full: unknown, and the alarm procedure first
 * - `stop`: corruption or a foreign cluster: a person has to look
 */
export type EtcdFailureKind = 'unavailable' | 'unknown' | 'maybe-applied' | 'wait' | 'refused' | 'no-space' | 'stop';

export interface EtcdFailure {
  kind: EtcdFailureKind;
  /** The server's or transport's own words, one line, nothing secret. */
  because: string;
}

/** First match wins: the more telling text stands first. */
const texts: readonly (readonly [text: string, kind: EtcdFailureKind])[] = [
  ['cluster ID mismatch', 'stop'],
  ['corrupt cluster', 'stop'],
  ['corrupt', 'stop'],
  ['database space exceeded', 'no-space'],
  ['unhealthy cluster', 'wait'],
  ['in sync with leader', 'wait'],
  ['not leader', 'wait'],
  ['too many requests', 'wait'],
  ['not enough started members', 'refused'],
  ['too many learner', 'refused'],
  ['bad leader transferee', 'refused'],
  ['Peer URLs already exists', 'maybe-applied'],
  ['member ID already exist', 'maybe-applied'],
  ['can only promote a learner', 'maybe-applied'],
  ['member not found', 'maybe-applied'],
  ['name already exists', 'maybe-applied'],
  ['revision in header is old', 'wait'],
  ['invalid auth token', 'refused'],
  ['authentication is not enabled', 'refused'],
  ['permission denied', 'refused'],
  ['user name is empty', 'refused'],
  ['user name not found', 'refused'],
  ['role name not found', 'refused'],
  ['root user', 'refused'],
  ['ECONNREFUSED', 'unavailable'],
  ['EHOSTUNREACH', 'unavailable'],
  ['ENETUNREACH', 'unavailable'],
  ['Name resolution failed', 'unavailable'],
  ['certificate', 'unavailable'],
  ['no leader', 'unknown'],
  ['leader changed', 'unknown'],
  ['request timed out', 'unknown'],
  ['server stopped', 'unknown'],
  ['UNAVAILABLE', 'unknown'],
  ['DEADLINE', 'unknown'],
  ['CANCELLED', 'unknown'],
];

/** Puts an error of the etcd library into one of few kinds. A text that is not known is `unknown`: it is read, never repeated. */
export function classifyEtcdError(error: unknown): EtcdFailure {
  const message = error instanceof Error ? error.message : String(error);
  const kind = texts.find(([text]) => message.toLowerCase().includes(text.toLowerCase()))?.[1] ?? 'unknown';
  return { kind, because: oneLine(message) };
}

/** `GRPCUnavailableError: 14 UNAVAILABLE: No connection established` without what only a program wants to know. */
function oneLine(message: string): string {
  const line = message.split('\n')[0] ?? '';
  return line
    .replace(/^(Error: )?(\d+ [A-Z_]+: )?/u, '')
    .replace(/^etcdserver: /u, '')
    .slice(0, 300);
}
