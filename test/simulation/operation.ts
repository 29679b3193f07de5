import type { Mandate } from '../../activities/contracts/mandates.ts';
import type { StepActivities } from '../../activities/contracts/steps.ts';
import { servedBy } from '../../cluster/approval.ts';
import type { SetAside } from '../../cluster/decide/facts.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { OperationReport, Plan } from '../../cluster/plan.ts';
import type { Step } from '../../cluster/steps/step.ts';
import { unitsOf, type Unit } from '../../workflows/steps/run-step.ts';
import type { Run } from './calls.ts';
import { modelActivities } from './activities.ts';
import type { Simulation } from './simulation.ts';
import { say } from './model/world.ts';

const longestWait = 25;
const attempts = 4;

export type Report = Pick<OperationReport, 'outcome' | 'done' | 'blockers' | 'waits' | 'pending' | 'rounds'>;

/** The loop of workflows/reconcile.workflow.ts and round.ts, with the model's clock and activities: the same sequences, the same decide(). */
export async function operate(simulation: Simulation, run: Run): Promise<Report> {
  const { world, calls } = simulation;
  run.epoch = simulation.takeOver();
  const setAside: SetAside[] = [];
  const done: string[] = [];
  let spent: string[] = [];
  const activities = retried(simulation, run, modelActivities(simulation, run));
  for (let waited = 0, rounds = 1; ; rounds += 1) {
    const { plan, decision } = simulation.decide({ setAside, spent });
    spent = [];
    run.decision = decision;
    await calls.moment(`round ${rounds} of epoch ${run.epoch}: ${plan.phase}`, run);
    await whenAlive(run);
    if (run.epoch !== world.epoch) return ended('failed', { plan, done, rounds });
    if (plan.steps.length === 0) {
      if (plan.waits.every(({ until }) => until === 'approval') || waited >= longestWait)
        return conclude({ plan, done, rounds, setAside });
      const seconds = 1 + Math.floor(waited / 2);
      await calls.sleep(seconds);
      await whenAlive(run);
      waited += seconds;
      continue;
    }
    waited = 0;
    const mandate = { cluster: world.declarations[0]?.name ?? '', revision: decision.revision, epoch: run.epoch };
    const results = await Promise.all(
      plan.steps.map((step) => runStep({ step, mandate, activities, simulation, done })),
    );
    const failed = results.flat();
    spent = servedBy(plan.steps, new Set(failed.map(({ step }) => step)));
    setAside.push(...failed);
  }
}

interface StepInput {
  step: Step;
  mandate: Mandate;
  activities: StepActivities;
  simulation: Simulation;
  done: string[];
}

async function runStep({ step, mandate, activities, simulation, done }: StepInput): Promise<SetAside[]> {
  const failures = await Promise.all(
    unitsOf(step, mandate).map(async (unit) => {
      try {
        await unit.run(activities);
        done.push(unit.title);
        return [];
      } catch (error) {
        return [asideOf(step, unit, error, simulation)];
      }
    }),
  );
  return failures.flat();
}

function asideOf(step: Step, unit: Unit, error: unknown, { world }: Simulation): SetAside {
  if (!(error instanceof CkeError)) throw error;
  const { code, message } = error.complaint;
  say(world, `failed: ${unit.title}: ${message}`);
  return {
    step: step.kind,
    ...(unit.node !== undefined && { node: unit.node }),
    ...(unit.component && { component: unit.component }),
    code,
    because: message,
  };
}

/** What Temporal does for activities: tries again what may succeed, and tells nobody of a run that is dead. */
function retried(simulation: Simulation, run: Run, activities: StepActivities): StepActivities {
  const entries = Object.entries(activities as unknown as Record<string, (input: unknown) => Promise<void>>);
  const wrapped = entries.map(([name, activity]) => [
    name,
    (input: unknown) => {
      simulation.more.asked?.(input);
      return attempt(simulation, run, () => activity(input));
    },
  ]);
  return Object.fromEntries(wrapped) as StepActivities;
}

async function attempt(simulation: Simulation, run: Run, call: () => Promise<void>): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await call();
      return await whenAlive(run);
    } catch (error) {
      if (!(error instanceof CkeError)) throw error;
      await whenAlive(run);
      if (error.complaint.remedy === 'never' || tried >= attempts) throw error;
      await simulation.calls.sleep(1);
      await whenAlive(run);
    }
  }
}

/** Never returns for a run that has died: its sequences do not go on. */
function whenAlive(run: Run): Promise<void> {
  return run.state === 'alive' ? Promise.resolve() : new Promise(() => undefined);
}

interface Conclusion {
  plan: Plan;
  done: string[];
  rounds: number;
  setAside: SetAside[];
}

function conclude({ setAside, ...rest }: Conclusion): Report {
  if (setAside.length > 0) return ended('failed', rest);
  if (rest.plan.blockers.length > 0) return ended('blocked', rest);
  return ended(rest.plan.waits.length > 0 || rest.plan.pending ? 'waiting' : 'converged', rest);
}

function ended(outcome: Report['outcome'], { plan, done, rounds }: Omit<Conclusion, 'setAside'>): Report {
  const { blockers, waits, pending } = plan;
  return { outcome, done, rounds, blockers, waits, ...(pending && { pending }) };
}
