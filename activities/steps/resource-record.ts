import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { oneMore, type AppliedResource, type Refusal } from '../../cluster/resources/user/applied.ts';
import { isKept, isPassing } from '../../cluster/resources/user/definition.ts';
import type { ResourceOutcome } from '../kubernetes/resources.ts';
import type { Filled } from './filled-resource.ts';

/** An attempt to apply one object, and what came of it. */
export interface Tried {
  outcome: ResourceOutcome;
  /** What was applied, or was to be. */
  filled: Filled;
  revision: string;
}

/** What is on record of an object before the first attempt: enough to delete it, or to let it be. */
export function claimOf(object: KubernetesObject): AppliedResource {
  return { apiVersion: object.apiVersion, ...(isKept(object) && { kept: true }) };
}

/** What is known of the object from now on. */
export function recordOf({ outcome, filled, revision }: Tried, before: AppliedResource | undefined): AppliedResource {
  const { object, trusts, certificate } = filled;
  const claim = claimOf(object);
  if (outcome.outcome === 'refused')
    return refusedRecord({ ...claim, ...before, ...(claim.kept && { kept: true }) }, outcome.because, revision);
  const { fields, namespace } = outcome;
  const wasPutBack = before?.revision === revision && before.trusts === trusts && certificate === undefined;
  return {
    ...claim,
    revision,
    fields,
    ...(namespace !== undefined && { namespace }),
    ...(isPassing(object) && { passing: true }),
    ...(wasPutBack && { contested: oneMore(before.contested, new Date().toISOString()) }),
    ...(trusts !== undefined && { trusts }),
    ...(certificate && { certificate }),
  };
}

/** The record of what was refused, once more: a deletion where no revision is given. */
export function refusedRecord(record: AppliedResource, because: string, revision?: string): AppliedResource {
  const before = record.refused?.revision === revision ? (record.refused?.attempts ?? 0) : 0;
  const refused: Refusal = {
    because,
    at: new Date().toISOString(),
    attempts: before + 1,
    ...(revision !== undefined && { revision }),
  };
  return { ...record, refused };
}
