import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFence } from './fence.ts';

const startToCloseTimeoutMs = 60_000;
const mandate = { cluster: 'demo', epoch: 7 };

interface Attempt {
  /** How old it is. */
  seconds: number;
  /** How old it is once the epoch was read. */
  secondsThen?: number;
  cancelled?: 'yes';
  newest?: number;
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** What the fence says to an attempt; time passes only while the epoch is read. */
function ask({ seconds, secondsThen = seconds, cancelled, newest = mandate.epoch }: Attempt): Promise<string> {
  const begun = Date.now();
  const info = { startToCloseTimeoutMs, currentAttemptScheduledTimestampMs: begun };
  const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
  if (cancelled) environment.cancel();
  vi.setSystemTime(begun + seconds * 1000);
  const fence = createFence({
    assertCurrent: async (_cluster, epoch) => {
      vi.setSystemTime(begun + secondsThen * 1000);
      if (epoch !== newest) throw new Error('a newer operation has taken over');
    },
  });
  return environment
    .run(() => fence.mayAct(mandate))
    .then(
      () => 'it may act',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
}

describe('may an attempt still act', () => {
  test.each<[string, Attempt, RegExp]>([
    ['when it is young?', { seconds: 1 }, /it may act/],
    ['just before the last five seconds (E-04)?', { seconds: 54 }, /it may act/],
    ['in its last five seconds (E-04)?', { seconds: 55 }, /has lost its turn/],
    ['when it was cancelled (E-04)?', { seconds: 1, cancelled: 'yes' }, /has lost its turn/],
    ['when it grew too old while the epoch was read (E-04)?', { seconds: 1, secondsThen: 55 }, /has lost its turn/],
    ['when a newer operation has begun (E-02)?', { seconds: 1, newest: 8 }, /a newer operation has taken over/],
  ])('%s', async (_, attempt, says) => expect(await ask(attempt)).toMatch(says));
});
