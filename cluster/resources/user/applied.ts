import type { IssuedCertificate } from '../../certificates/certificate.ts';

/** What is known of one object of a user that was applied, or that one tried to apply. Outlives its definition, until it is deleted. */
export interface AppliedResource {
  apiVersion: string;
  /** Where it lives; absent for what has no namespace. */
  namespace?: string;
  /** Of the definition that stands in the cluster; absent while its first attempt is not known to have worked. */
  revision?: string;
  /** Digest of the fields that are ours in the live object. */
  fields?: string;
  /** What an API server said last time; forgotten when it is applied. */
  refused?: Refusal;
  /** The object stays when its definition is deleted. */
  kept?: true;
  /** The cluster removes the object when it has done its work. */
  passing?: true;
  /** How often the same definition was put back, each time within an hour. */
  contested?: Attempts;
  /** Names of the issuers that its webhooks were told to trust, or `first`. */
  trusts?: string;
  /** What a Secret was given, and the name of the issuer that signed it, where one was named. */
  certificate?: IssuedCertificate & { issuer?: string };
}

export interface Attempts {
  /** Of the last one, RFC 3339. */
  at: string;
  /** How many there were. */
  attempts: number;
}

export interface Refusal extends Attempts {
  /** Of the definition that was tried, again and again; absent: the deletion was. */
  revision?: string;
  because: string;
}

/** A refusal may end without a change of the object (a webhook comes up, a namespace is made): it is tried again, less and less often. */
export function isResting({ at, attempts }: Attempts, now: string): boolean {
  const seconds = Math.min(5 * 2 ** (attempts - 1), 600);
  return Date.parse(now) - Date.parse(at) < seconds * 1000;
}

const forgottenAfterSeconds = 3600;

/** One more attempt after these, unless they are long over. */
export function oneMore(before: Attempts | undefined, now: string): Attempts {
  const isRecent = before !== undefined && Date.parse(now) - Date.parse(before.at) < forgottenAfterSeconds * 1000;
  return { at: now, attempts: isRecent ? before.attempts + 1 : 1 };
}
