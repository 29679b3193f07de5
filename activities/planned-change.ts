import type { Observation } from '../cluster/observation.ts';
import type { Plan } from '../cluster/plan.ts';
import { demandUnchanged, type PlannedChange } from '../cluster/saved-plan.ts';
import { declarationOf, type Accepted } from './declarations.ts';
import { identityOf } from './plan-identity.ts';
import type { StoredDeclaration } from './store/declarations.ts';
import type { Store } from './store/store.ts';

interface Wished {
  cluster: string;
  /** The accepted one, if there is one. */
  latest: StoredDeclaration | undefined;
  /** As the user wrote it. */
  text: string;
}

/** A declaration as it would stand if it were accepted now, with the revision that it would have. @throws CkeError DeclarationRefused */
export function ifAccepted({ cluster, latest, text }: Wished): Accepted {
  const revision = latest?.text === text ? latest.revision : (latest?.revision ?? 0) + 1;
  return { declaration: declarationOf(cluster, { ...latest, text }), revision };
}

interface Proposal {
  store: Pick<Store, 'declarations'>;
  saved: PlannedChange;
  /** That the declaration would have. */
  revision: number;
  /** What would be done by this look. */
  plan: Plan;
  observation: Observation;
}

/**
 * Accepts the declaration of a saved plan if what would be done by this look is what the person has read. Asked by the first look of an
 * operation, whose steps then are those of the plan: nothing comes in between. An attempt whose answer was lost is met as it left off.
 * @throws CkeError StalePlan, StoreConflict; then nothing was changed
 */
export async function acceptPlanned({ store, saved, revision, plan, observation }: Proposal): Promise<void> {
  const { cluster, declaration: text, by } = saved;
  demandUnchanged(saved, { revision, identity: identityOf({ plan, observation, revision, text }) });
  await store.declarations.put(cluster, text, { by, expectedRevision: revision - 1 });
}
