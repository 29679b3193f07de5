import type { Mandate } from '../activities/contracts/mandates.ts';
import type { Step } from '../cluster/steps/step.ts';
import { runUnits, type RoundResult } from './round.ts';

export interface BatchInput {
  step: Step;
  mandate: Mandate;
  lanes: number;
}

/** At most 50 nodes of one step: a child of the operation, with a history and a line in the Web UI of its own. */
export async function batch({ step, mandate, lanes }: BatchInput): Promise<RoundResult> {
  return runUnits({ step, mandate, lanes });
}
