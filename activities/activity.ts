import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { CkeError } from '../cluster/errors.ts';
import { createTurn, takingTurn } from './turn.ts';

const beatMilliseconds = 2_000;

/** Longest text of an error that nobody foresaw; the rest stays in the process. */
const unforeseenLength = 200;

type AnyActivity = (input: never) => Promise<unknown>;

/** An activity that fails by itself is tried so often; attempts that ended because their worker died don't make it fail. */
const mostAttempts = 4;

interface Attempts {
  attempts?: number;
  /** When it is Vault that does not answer: an operation that ends and says so is worth more than one that tries on in silence. */
  withoutVault?: number;
}

/**
 * Wraps every activity: it beats while it runs, so that a dead worker is noticed within seconds, and what it throws becomes a
 * failure whose type is our error code, whose message is for people, and whose cause stays behind. From attempt `attempts` on a
 * failure is final: Temporal's own limit counts dead workers too, and so has to be a wider one.
 */
export function asActivities<T extends object>(
  activities: T,
  { attempts = mostAttempts, withoutVault = attempts }: Attempts = {},
): T {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    beating(activity as AnyActivity, { attempts, withoutVault }),
  ]);
  return Object.fromEntries(wrapped) as T;
}

function beating(activity: AnyActivity, { attempts, withoutVault }: Required<Attempts>): AnyActivity {
  return async (input) => {
    const context = Context.current();
    const turn = createTurn();
    const beat = setInterval(() => {
      turn.beat();
      context.heartbeat();
    }, beatMilliseconds);
    try {
      return await takingTurn(turn, () => activity(input));
    } catch (error) {
      const limit = isWithoutVault(error) ? withoutVault : attempts;
      throw asFailure(error, context.info.attempt < limit ? 'may retry' : 'last attempt');
    } finally {
      clearInterval(beat);
    }
  };
}

function isWithoutVault(error: unknown): boolean {
  return error instanceof CkeError && ['VaultSealed', 'VaultUnreachable'].includes(error.complaint.code);
}

/** Turns what an activity threw into what Temporal stores: nothing of an unknown error but a redacted first line. */
export function asFailure(error: unknown, turn: 'may retry' | 'last attempt' = 'may retry'): Error {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof Error && error.name === 'CancelledFailure') return error;
  if (!(error instanceof CkeError))
    return ApplicationFailure.create({
      message: `unforeseen: ${redact(String(error))}`,
      type: 'NotHealthy',
      nonRetryable: turn === 'last attempt',
    });
  const { code, message, remedy, ...rest } = error.complaint;
  return ApplicationFailure.create({
    message,
    type: code,
    nonRetryable: remedy === 'never' || turn === 'last attempt',
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
