import { Context } from '@temporalio/activity';
import { CkeError } from '../cluster/errors.ts';
import type { Mandate } from './contracts/mandates.ts';
import type { Epochs } from './store/epoch.ts';
import { hasLostTurn } from './turn.ts';

/** An attempt stops acting this long before it is too old, and Temporal starts the next one (rule E-04). */
const marginMilliseconds = 5_000;

/** Asked right before each effect on the outside world. */
export interface Fence {
  /** @throws CkeError Fenced when a newer operation has taken over, or this attempt is too old to act */
  mayAct(mandate: Pick<Mandate, 'cluster' | 'epoch'>): Promise<void>;
}

export function createFence(epochs: Pick<Epochs, 'assertCurrent'>): Fence {
  return {
    async mayAct({ cluster, epoch }) {
      stopWhenOutdated(cluster);
      await epochs.assertCurrent(cluster, epoch);
      stopWhenOutdated(cluster);
    },
  };
}

function stopWhenOutdated(cluster: string): void {
  const { info, cancellationSignal } = Context.current();
  const age = Date.now() - info.currentAttemptScheduledTimestampMs;
  if (!hasLostTurn() && !cancellationSignal.aborted && age < info.startToCloseTimeoutMs - marginMilliseconds) return;
  throw new CkeError({
    code: 'Fenced',
    message: `${cluster}: this attempt has lost its turn and does nothing more`,
    got: `it is ${Math.round(age / 1000)} s old`,
    want: `at most ${Math.round((info.startToCloseTimeoutMs - marginMilliseconds) / 1000)} s, not cancelled, and never frozen`,
    remedy: 'retry',
  });
}
