import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { CkeError } from '../cluster/errors.ts';

const beatMilliseconds = 2_000;

/** Longest text of an error that nobody foresaw; the rest stays in the process. */
const unforeseenLength = 200;

type AnyActivity = (input: never) => Promise<unknown>;

/**
 * Wraps every activity: it beats while it runs, so that a dead worker is noticed within seconds, and what it throws becomes a
 * failure whose type is our error code, whose message is for people, and whose cause stays behind.
 */
export function asActivities<T extends object>(activities: T): T {
  const wrapped = Object.entries(activities).map(([name, activity]) => [name, beating(activity as AnyActivity)]);
  return Object.fromEntries(wrapped) as T;
}

function beating(activity: AnyActivity): AnyActivity {
  return async (input) => {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), beatMilliseconds);
    try {
      return await activity(input);
    } catch (error) {
      throw asFailure(error);
    } finally {
      clearInterval(beat);
    }
  };
}

/** Turns what an activity threw into what Temporal stores: nothing of an unknown error but a redacted first line. */
export function asFailure(error: unknown): Error {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof Error && error.name === 'CancelledFailure') return error;
  if (!(error instanceof CkeError))
    return ApplicationFailure.create({ message: `unforeseen: ${redact(String(error))}`, type: 'NotHealthy' });
  const { code, message, remedy, ...rest } = error.complaint;
  return ApplicationFailure.create({
    message,
    type: code,
    nonRetryable: remedy === 'never',
    details: [{ code, remedy, ...rest }],
  });
}

function redact(text: string): string {
  const [line = ''] = text.split('\n');
  return line
    .replace(/hv[sbr]\.[\w-]+/g, '<token>')
    .replace(/-----BEGIN.*/g, '<pem>')
    .slice(0, unforeseenLength);
}
