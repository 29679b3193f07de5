import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/common';
import type { Complaint, ErrorCode } from '../cluster/errors.ts';

/** The complaint inside a failed activity or child: what went wrong, for people, with its cure. */
export function complaintOf(error: unknown): Complaint {
  const cause = innermost(error);
  if (cause instanceof ApplicationFailure) {
    const [details] = (cause.details ?? []) as Partial<Complaint>[];
    return {
      remedy: cause.nonRetryable ? 'never' : 'retry',
      ...details,
      code: (cause.type ?? 'NotHealthy') as ErrorCode,
      message: cause.message,
    };
  }
  if (cause instanceof TimeoutFailure)
    return {
      code: 'NotHealthy',
      message: 'the worker that ran it stopped answering, and so did those that tried again',
      remedy: 'retry',
    };
  return { code: 'NotHealthy', message: cause instanceof Error ? cause.message : String(cause), remedy: 'retry' };
}

function innermost(error: unknown): unknown {
  const wrapped = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  return wrapped && error.cause !== undefined ? innermost(error.cause) : error;
}
