import type { Forecast } from './decide/forecast.ts';
import { CkeError } from './errors.ts';
import type { Plan } from './plan.ts';

/** A plan with all that is needed to tell later whether it is still the same one. */
export interface PlanPreview extends Plan {
  /** Revision of the declaration that it would be carried out under. */
  revision: number;
  forecast: Forecast;
  identity: PlanIdentity;
}

export interface PlanIdentity {
  /** Digest of the declaration's text. */
  text: string;
  /** The steps of the first round and those that wait for a yes, with their fingerprints. */
  steps: { title: string; fingerprint: string }[];
  /** Digests of what was seen: by node name, and `etcd`, `Kubernetes`, `records`. */
  observed: Record<string, string>;
}

/** What `plan --out` writes and `apply --plan` carries out. */
export interface SavedPlan {
  version: 1;
  cluster: string;
  /** RFC 3339. */
  madeAt: string;
  revision: number;
  /** The declaration, as the user wrote it. */
  declaration: string;
  identity: PlanIdentity;
}

/** A saved plan that an operation is to carry out, and its declaration to accept, if it is the same plan still. */
export interface PlannedChange extends SavedPlan {
  /** Who applies it, e.g. `alice@bastion`. */
  by: string;
}

/** What has changed since a plan was saved, one line each; empty: it is still the same plan. Pure. */
export function changedSince(saved: SavedPlan, now: Pick<PlanPreview, 'revision' | 'identity'>): string[] {
  const { steps, observed, text } = saved.identity;
  const current = now.identity;
  const known = new Set(steps.map(({ fingerprint }) => fingerprint));
  const wanted = new Set(current.steps.map(({ fingerprint }) => fingerprint));
  const parts = [...new Set([...Object.keys(observed), ...Object.keys(current.observed)])];
  return [
    ...(saved.revision === now.revision
      ? []
      : [`the declaration was applied by somebody else: revision ${now.revision} is next, ${saved.revision} was`]),
    ...(text === current.text ? [] : ['the text of the declaration is not the one that was planned']),
    ...steps.filter(({ fingerprint }) => !wanted.has(fingerprint)).map(({ title }) => `no longer wanted: ${title}`),
    ...current.steps.filter(({ fingerprint }) => !known.has(fingerprint)).map(({ title }) => `new: ${title}`),
    ...parts
      .filter((part) => observed[part] !== current.observed[part])
      .map((part) => `${part} is not as it was when the plan was made`),
  ];
}

/** Differences that a refusal shows. */
const mostShown = 20;

/** Pure. @throws CkeError StalePlan, which says what differs, unless the saved plan is what would be done now */
export function demandUnchanged(saved: SavedPlan, now: Pick<PlanPreview, 'revision' | 'identity'>): void {
  const changes = changedSince(saved, now);
  if (changes.length === 0) return;
  const shown = changes.slice(0, mostShown).map((line) => `    ${line}`);
  const more = changes.length > shown.length ? [`    … and ${changes.length - shown.length} more`] : [];
  throw new CkeError({
    code: 'StalePlan',
    message: ['nothing was changed: the world is not what it was when the plan was made', ...shown, ...more].join('\n'),
    got: `a plan of ${saved.madeAt} for revision ${saved.revision}`,
    fix: 'cke-client plan FILE --out PLAN, read it, and apply --plan again',
    remedy: 'never',
  });
}
