import { decide } from '../cluster/decide/decide.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import type { Observation } from '../cluster/observation.ts';
import type { Plan } from '../cluster/plan.ts';
import { demandUnchanged, type PlannedChange } from '../cluster/saved-plan.ts';
import { approvalFacts } from './approvals.ts';
import { declarationOf, type Accepted } from './declarations.ts';
import { identityOf } from './plan-identity.ts';
import type { ApprovalRecord } from './store/approvals.ts';
import type { Store } from './store/store.ts';

interface Wished {
  store: Pick<Store, 'declarations'>;
  cluster: string;
  /** As the user wrote it. */
  text: string;
}

/** A declaration as it would stand if it were accepted now, with the revision that it would have. @throws CkeError DeclarationRefused */
export async function ifAccepted({ store, cluster, text }: Wished): Promise<Accepted> {
  const latest = await store.declarations.get(cluster, 'latest');
  const revision = latest?.text === text ? latest.revision : (latest?.revision ?? 0) + 1;
  return { declaration: declarationOf(cluster, { ...latest, text }), revision };
}

interface Proposal {
  store: Pick<Store, 'declarations'>;
  saved: PlannedChange;
  wished: Accepted;
  observation: Observation;
  approvals: ApprovalRecord[];
}

/**
 * Accepts the declaration of a saved plan if what would be done by this look is what the person has read. Asked by the first look of an
 * operation, whose steps then are those of the plan: nothing comes in between. An attempt whose answer was lost is met as it left off.
 * @returns the revision that the declaration has got
 * @throws CkeError StalePlan, StoreConflict; then nothing was changed
 */
export async function acceptPlanned({ store, saved, wished, observation, approvals }: Proposal): Promise<number> {
  const { declaration, revision } = wished;
  const { cluster, declaration: text, by } = saved;
  const plan = unhindered({ declaration, revision, observation, approvals });
  demandUnchanged(saved, { revision, identity: identityOf({ plan, observation, revision, text }) });
  return store.declarations.put(cluster, text, { by, expectedRevision: revision - 1 });
}

interface Seen {
  declaration: Declaration;
  revision: number;
  observation: Observation;
  approvals: ApprovalRecord[];
}

/** What would be done, nothing having failed yet. */
function unhindered({ declaration, revision, observation, approvals }: Seen): Plan {
  return decide({
    declaration,
    observation,
    setAside: [],
    approvals: approvalFacts(approvals, revision, new Date()),
  });
}
