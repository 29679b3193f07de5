import type { PlannedChange } from '../cluster/saved-plan.ts';
import type { ReconcileRequest } from './contracts.ts';
import { refusal } from './refusal.ts';

/** One saved plan at a time: a second one would be compared with a world that the first is about to change. @throws ApplicationFailure StoreConflict */
export function demandNoOtherPlan(
  { cluster, planned: waiting }: { cluster: string; planned?: PlannedChange },
  { planned }: ReconcileRequest,
): void {
  if (planned === undefined || waiting === undefined) return;
  throw refusal({
    code: 'StoreConflict',
    message: `${cluster}: nothing was changed: another saved plan waits for the running operation to end`,
    got: `the plan of ${waiting.madeAt} for revision ${waiting.revision}, applied by ${waiting.by}`,
    fix: 'cke-client status tells when it has ended; then plan again, read it, and apply --plan',
    remedy: 'never',
  });
}
