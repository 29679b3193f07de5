import { Context } from '@temporalio/activity';
import { asActivities } from '../../activities/activity.ts';
import type { Activities } from '../../activities/contracts/activities.ts';
import type { Decision, Round } from '../../activities/contracts/operations.ts';
import type { OperationReport, Plan } from '../../cluster/plan.ts';
import type { UpdateNodeAttributes } from '../../cluster/steps/node-steps.ts';

export interface Script {
  /** What the look number `look` (1, 2, …) finds; without a plan there is nothing to do. */
  look?: (look: number, round: Round) => Partial<Decision>;
  /** What a step's activity does: without it, nothing. */
  step?: (at: { node: string }) => Promise<void>;
  /** In place of those of operations and of watch. */
  others?: Partial<Activities>;
}

/** Activities that follow a script, and the record of what was called. */
export interface Performance {
  activities: Partial<Activities>;
  looks: Round[];
  /** Name, and node where there is one, e.g. `updateNodeAttributes cp-1`, in the order in which they began. */
  calls: string[];
  finished: OperationReport[];
  /** Lets the activity of the watch come to its end. */
  end: () => void;
}

export const nothingToDo: Plan = { phase: 'converged', steps: [], blockers: [], waits: [] };

/** A step of one activity per node. */
export function attributes(nodes: string[], because = 'a label is missing'): UpdateNodeAttributes {
  return { kind: 'update-node-attributes', disruption: 'none', targets: nodes.map((node) => ({ node, because })) };
}

/** What a look found, with one step to do. */
export function toDo(...steps: Plan['steps']): Partial<Decision> {
  return { plan: { ...nothingToDo, phase: 'node-attributes', steps } };
}

/**
 * The one place of the project with stand-ins for activities: what is tested here is when they are called. They beat and fail as
 * the real ones do.
 */
export function perform({ look, step, others }: Script): Performance {
  const shown: Pick<Performance, 'looks' | 'calls' | 'finished'> = { looks: [], calls: [], finished: [] };
  const over = Promise.withResolvers<void>();
  let epoch = 0;
  const activities = asActivities({
    observeAndDecide: async (round: Round) => {
      const observedAt = new Date().toISOString();
      shown.looks.push(round);
      const found = look?.(shown.looks.length, round);
      epoch = round.epoch ?? epoch + 1;
      return { plan: nothingToDo, epoch, revision: 1, intervalSeconds: 3600, lanes: 10, observedAt, ...found };
    },
    finishOperation: async ({ report }: { report: OperationReport }) => void shown.finished.push(report),
    watchCluster: async () => over.promise,
    ...others,
    /** Stands for every activity that has no other: those of the steps. */
    default: async ({ node = '' }: { node?: string }) => {
      shown.calls.push(`${Context.current().info.activityType} ${node}`.trim());
      await step?.({ node });
    },
  });
  return { ...shown, activities, end: over.resolve };
}
