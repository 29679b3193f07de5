import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  isGrpcServiceError,
  QueryNotRegisteredError,
  ServerFailure,
  ServiceError,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { type Complaint, CkeError, describeComplaint } from '../cluster/errors.ts';
import { noWorker } from './temporal.ts';

/** What a terminal shows for anything that was thrown: who, what, why, cure. Never a stack trace. */
export function explainFailure(error: unknown): string {
  return describeComplaint(complaintOf(error));
}

/** The complaint inside any error, however deeply Temporal has wrapped it. */
export function complaintOf(error: unknown): Complaint {
  if (error instanceof CkeError) return error.complaint;
  if (error instanceof ApplicationFailure) return ofApplication(error);
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return noWorker().complaint;
  if (isWrapper(error) && error.cause !== undefined) return complaintOf(error.cause);
  if (error instanceof WorkflowNotFoundError) return neverReconciled();
  if (error instanceof QueryNotRegisteredError) return ofOtherVersion(error);
  if (error instanceof TimeoutFailure) return timedOut();
  if (error instanceof CancelledFailure || error instanceof TerminatedFailure) return stoppedByHand(error);
  if (error instanceof ServerFailure) return unexpected(`Temporal's server: ${error.message}`);
  return ofGrpc(error) ?? unexpected(error instanceof Error ? error.message : String(error));
}

function isWrapper(error: unknown): error is Error {
  return (
    error instanceof WorkflowFailedError ||
    error instanceof WorkflowUpdateFailedError ||
    error instanceof ActivityFailure ||
    error instanceof ChildWorkflowFailure
  );
}

/** Workers put the code into the type, the sentence into the message, and the rest of the complaint into the details. */
function ofApplication(failure: ApplicationFailure): Complaint {
  const [rest] = failure.details ?? [];
  if (isRest(rest)) return { ...rest, message: failure.message };
  return unexpected(failure.message);
}

function isRest(value: unknown): value is Omit<Complaint, 'message'> {
  return typeof value === 'object' && value !== null && 'code' in value && 'remedy' in value;
}

function neverReconciled(): Complaint {
  return {
    code: 'NotInitialised',
    message: 'Temporal knows no such cluster: nothing has been reconciled under this name yet',
    fix: 'cke-client apply cluster.yaml (or cke-client nodes --cluster NAME, if the name was mistyped)',
    remedy: 'never',
  };
}

function ofOtherVersion(error: Error): Complaint {
  return {
    code: 'InvalidRequest',
    message: 'the worker does not know this question: it is older or newer than this cke-client',
    got: firstLine(error.message),
    fix: 'run the same version of cke-client and worker',
    remedy: 'never',
  };
}

function timedOut(): Complaint {
  return {
    code: 'TemporalUnavailable',
    message: 'the answer did not come in time',
    got: 'a worker began and did not finish, or none is running',
    fix: 'cke-client doctor',
    remedy: 'retry',
  };
}

function stoppedByHand(error: Error): Complaint {
  return {
    code: 'TemporalUnavailable',
    message: 'the work was cancelled or terminated in Temporal by someone',
    got: firstLine(error.message),
    fix: 'cke-client reconcile --wait',
    remedy: 'retry',
  };
}

const UNAVAILABLE = 14;
const grpcComplaints: Record<number, (details: string) => Complaint> = {
  1: () => timedOut(),
  4: () => timedOut(),
  5: (details) => ({
    code: 'TemporalUnavailable',
    message: `Temporal does not have what was asked for`,
    got: details,
    fix: 'cke-client doctor (it checks the namespace and the search attributes)',
    remedy: 'never',
  }),
  7: (details) => ({
    code: 'TemporalUnavailable',
    message: 'Temporal refused this client',
    got: details,
    fix: 'correct temporal.tls in the settings: its client certificate is not accepted',
    remedy: 'never',
  }),
  /** Failed precondition: that is how a query is answered while no worker polls. */
  9: (details) => (details.includes('no poller') ? noWorker().complaint : unexpected(`Temporal: ${details}`)),
  [UNAVAILABLE]: (details) => ({
    code: 'TemporalUnavailable',
    message: 'Temporal cannot be reached',
    got: details,
    fix: 'start Temporal; what runs goes on when it is back. Then: cke-client status',
    remedy: 'retry',
  }),
};

function ofGrpc(error: unknown): Complaint | undefined {
  const inner = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(inner)) return undefined;
  const make = grpcComplaints[inner.code];
  return make === undefined ? unexpected(`Temporal: ${inner.details}`) : make(firstLine(inner.details));
}

/** Whether asking again a moment later may bring an answer: the server is restarting, or the worker is. */
export function isPassing(error: unknown): boolean {
  const inner = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(inner) && [1, 4, 8, 9, UNAVAILABLE].includes(inner.code);
}

function unexpected(message: string): Complaint {
  return {
    code: 'InvalidRequest',
    message: `unexpected: ${firstLine(message)}`,
    fix: 'cke-client doctor; if everything is ok there, this is a bug: please report the line above',
    remedy: 'never',
  };
}

const LONGEST = 300;

/** The first line of a text, cut to what a terminal bears. */
export function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}
