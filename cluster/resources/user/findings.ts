import { whyRenew, lifetimesOf } from '../../certificates/expiry.ts';
import { signingIssuer, trustedIssuers } from '../../certificates/trust.ts';
import type { Declaration } from '../../declaration/declaration.ts';
import { isResting, type AppliedResource, type Attempts } from './applied.ts';
import { keyOf, nameOf, type ResourceKey } from './resource-key.ts';

/** What one look found out about the objects of users. */
export interface ResourceFindings {
  /** How many are defined. */
  defined: number;
  /** To be applied. */
  outdated: ResourceFinding[];
  /** Not defined any more. */
  unwanted: (ResourceFinding & { revision: string; fate: 'delete' | 'keep' })[];
  /** What an API server says no to, and what is not tried again just yet. */
  refused: ResourceFinding[];
  /** Kinds that could not be listed. */
  unknown: { kind: string; because: string }[];
}

export interface ResourceFinding {
  key: ResourceKey;
  because: string;
  /** It was given a certificate, or CAs to trust, that a rotation has to wait for. */
  holds?: 'kubernetes-webhook';
}

/** What an API server tells of an object of ours: which of its fields are ours, and who wrote to it last, beside us. */
export interface LiveResource {
  fields: string;
  lastWriter?: string;
}

interface Looked {
  declaration: Pick<Declaration, 'certificates' | 'trust'>;
  /** RFC 3339. */
  at: string;
  /** Revision of each definition. */
  defined: ReadonlyMap<ResourceKey, string>;
  applied: ReadonlyMap<ResourceKey, AppliedResource>;
  /** By the key with the namespace where it lives. */
  live: ReadonlyMap<ResourceKey, LiveResource>;
  /** Kinds that could not be listed, as `group/kind`. */
  unknown: ReadonlyMap<string, string>;
}

/** Compares what is defined with what was applied, and that with what is there. Pure. */
export function findingsOf(looked: Looked): ResourceFindings {
  const { defined, applied, at } = looked;
  const outdated: ResourceFinding[] = [];
  const refused: ResourceFinding[] = [];
  for (const [key, revision] of defined) {
    const known = applied.get(key);
    const refusal = known?.refused?.revision === revision ? known.refused : undefined;
    const reason = whyApply(looked, key, revision);
    if (reason === undefined) continue;
    const held = refusal ?? contestOf(known, reason);
    const rests = held !== undefined && isResting(held, at);
    if (held !== undefined && (rests || held === refusal))
      refused.push({ key, because: held.because, ...holdingOf(known) });
    if (!rests) outdated.push({ key, because: reason.because, ...holdingOf(known) });
  }
  const unwanted: ResourceFindings['unwanted'] = [];
  for (const [key, { revision = 'none', kept, refused: refusal }] of applied) {
    if (defined.has(key)) continue;
    const ofDeletion = refusal?.revision === undefined ? refusal : undefined;
    if (ofDeletion !== undefined) refused.push({ key, because: ofDeletion.because });
    const because = 'its definition was deleted';
    if (ofDeletion === undefined || !isResting(ofDeletion, at))
      unwanted.push({ key, because, revision, fate: kept ? 'keep' : 'delete' });
  }
  return {
    defined: defined.size,
    outdated,
    unwanted,
    refused,
    unknown: [...looked.unknown].map(([kind, because]) => ({ kind, because })),
  };
}

function holdingOf(known: AppliedResource | undefined): Pick<ResourceFinding, 'holds'> {
  return known?.trusts !== undefined || known?.certificate ? { holds: 'kubernetes-webhook' } : {};
}

/** Somebody writes the same fields again and again: one object of which that is so holds up no other. */
function contestOf(known: AppliedResource | undefined, { because, rival }: Reason): (Attempts & Finding) | undefined {
  if (rival === undefined || known?.contested === undefined) return undefined;
  return {
    ...known.contested,
    because: `${because}, ${known.contested.attempts} times within an hour: take them out of the definition if they are not to be put back`,
  };
}

type Finding = Pick<ResourceFinding, 'because'>;

interface Reason extends Finding {
  /** Somebody else has changed what is ours. */
  rival?: true;
}

/** Why an object has to be applied, as a sentence; undefined when it is as it was defined, has done its work, or can't be seen. */
function whyApply(
  { declaration, at, applied, live, unknown }: Looked,
  key: ResourceKey,
  revision: string,
): Reason | undefined {
  const known = applied.get(key);
  if (known?.revision === undefined) return { because: 'it is new' };
  if (known.revision !== revision) return { because: 'its definition changed' };
  const { group, kind, name } = nameOf(key);
  if (unknown.has(`${group}/${kind}`)) return undefined;
  const { namespace } = known;
  const seen = live.get(keyOf({ group, kind, name, ...(namespace !== undefined && { namespace }) }));
  if (seen === undefined) return known.passing ? undefined : { because: 'it is missing' };
  if (seen.fields !== known.fields)
    return { because: `${seen.lastWriter ?? 'somebody'} changed fields that are ours`, rival: true };
  const because = whyCertify(declaration, known, at);
  return because === undefined ? undefined : { because };
}

/** CAs and certificates that were put into the object, and are not those that are wanted now. */
function whyCertify(declaration: Looked['declaration'], { trusts, certificate }: AppliedResource, at: string) {
  if (trusts !== undefined && trusts !== trustedNames(declaration))
    return 'its webhooks trust other CAs than they should';
  if (certificate === undefined) return undefined;
  if (certificate.issuer !== signingIssuer(declaration.trust, 'kubernetes-webhook'))
    return 'its certificate is of another CA than it should be';
  return whyRenew({ certificates: [certificate], node: '', at, ...lifetimesOf(declaration) });
}

/** What webhooks trust, as a text that is another one when other CAs are wanted: names are never used twice. */
export function trustedNames({ trust }: Pick<Declaration, 'trust'>): string {
  return trustedIssuers(trust, 'kubernetes-webhook')?.join(',') ?? 'first';
}
