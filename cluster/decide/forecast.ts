import type { ApprovalReason } from '../declaration/maintenance.ts';
import { describeStep } from '../steps/describe-step.ts';
import type { Disruption } from '../steps/base.ts';
import type { Phase, Plan } from '../plan.ts';
import { unasked } from '../approval.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { predict } from './predict.ts';

/** What follows the first round when everything succeeds and people say yes. */
export interface Forecast {
  rounds: ForecastRound[];
  /** Why it goes no further, for people. */
  ends: string;
}

export interface ForecastRound {
  phase: Phase;
  steps: { title: string; disruption: Disruption; risk?: ApprovalReason }[];
}

/** More rounds nobody reads; and all of them together decide about no more nodes than a few seconds suffice for. */
const mostRounds = 20;
const mostDecisions = 4_000;

function roundsFor({ declaration }: Facts): number {
  return Math.max(2, Math.min(mostRounds, Math.floor(mostDecisions / declaration.nodes.length)));
}

/** Looks ahead by assuming that each step succeeds. Pure; the first round is not in it: that one is the plan itself. */
export function forecast(facts: Facts): Forecast {
  const approvals = { ...unasked, ...facts.approvals, stateOf: () => ({ state: 'approved' as const }) };
  const most = roundsFor(facts);
  const rounds: ForecastRound[] = [];
  const seen = new Set<string>();
  let { observation } = facts;
  let plan = decide({ ...facts, approvals });
  while (plan.steps.length > 0) {
    if (rounds.length > most) return ended(rounds, `it looks ${most} rounds ahead, and more follow`);
    const round = roundOf(plan);
    const text = JSON.stringify(round);
    if (seen.has(text)) return ended(rounds, `what follows depends on what "${round.steps[0]?.title}" brings about`);
    seen.add(text);
    rounds.push(round);
    for (const step of plan.steps) observation = predict(step, { declaration: facts.declaration, observation });
    plan = decide({ ...facts, observation, approvals });
  }
  return ended(rounds, endOf(plan));
}

const ended = (rounds: ForecastRound[], ends: string): Forecast => ({ rounds: rounds.slice(1), ends });

function roundOf({ phase, steps }: Plan): ForecastRound {
  return {
    phase,
    steps: steps.map((step) => ({
      title: describeStep(step),
      disruption: step.disruption,
      ...(step.risk && { risk: step.risk }),
    })),
  };
}

function endOf({ blockers, waits }: Plan): string {
  const [blocker] = blockers;
  if (blocker) return `then it is held up: ${blocker.because}`;
  const [wait] = waits;
  return wait ? `what follows depends on ${wait.on}: ${wait.because}` : 'then the cluster is as declared';
}
