import { ApplicationFailure, ServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { WorkflowFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { ActivityFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { CkeError } from '../cluster/errors.ts';
import { complaintOf, explainFailure, isPassing } from './failure.ts';

const fromWorker = ApplicationFailure.create({
  message: 'cp-2 (10.0.0.12): Docker refused the connection',
  type: 'DockerDenied',
  nonRetryable: true,
  details: [{ code: 'DockerDenied', remedy: 'never', got: 'permission denied', fix: 'usermod -aG docker cke on cp-2' }],
});
const inActivity = new ActivityFailure(
  'Activity task failed',
  'view',
  '1',
  'MAXIMUM_ATTEMPTS_REACHED',
  'w',
  fromWorker,
);

function grpc(code: number, details: string): ServiceError {
  const cause = Object.assign(new Error(`${code} ${details}`), {
    code,
    details,
    metadata: { internalRepr: new Map() },
  });
  return new ServiceError('Failed to do it', { cause });
}

describe('what does a person read when …', () => {
  test.each<[string, unknown, string, RegExp]>([
    [
      'a check of ours refuses',
      ckeError(),
      'VaultSealed',
      /^Vault is sealed \(VaultSealed\)\n {2}got {4}sealed\n {2}fix {4}vault operator unseal$/u,
    ],
    [
      'an activity failed deep inside',
      wrapped(inActivity),
      'DockerDenied',
      /^cp-2 .*refused.*\n {2}got .*\n {2}fix {4}usermod/u,
    ],
    ['an update was refused', new WorkflowUpdateFailedError('failed', fromWorker), 'DockerDenied', /Docker refused/u],
    [
      'no worker answers',
      new WorkflowUpdateRPCTimeoutOrCancelledError('late'),
      'TemporalUnavailable',
      /no worker picked this up yet/u,
    ],
    [
      'nothing was ever reconciled',
      new WorkflowNotFoundError('x', 'cluster/a', undefined),
      'NotInitialised',
      /knows no such cluster/u,
    ],
    [
      'a workflow ran out of time',
      wrapped(new TimeoutFailure('t', undefined, 'START_TO_CLOSE')),
      'TemporalUnavailable',
      /did not come in time/u,
    ],
    [
      'a person terminated it',
      wrapped(new TerminatedFailure('by hand')),
      'TemporalUnavailable',
      /terminated in Temporal/u,
    ],
    ['Temporal is down', grpc(14, 'No connection established'), 'TemporalUnavailable', /cannot be reached/u],
    [
      'a query finds no worker',
      grpc(9, 'no poller seen for task queue recently, worker may be down'),
      'TemporalUnavailable',
      /no worker picked this up yet/u,
    ],
    [
      'the namespace is missing',
      grpc(5, 'Namespace x is not found.'),
      'TemporalUnavailable',
      /Namespace x is not found/u,
    ],
    ['TLS is refused', grpc(7, 'denied'), 'TemporalUnavailable', /client certificate is not accepted/u],
    [
      'a thing nobody foresaw',
      new TypeError('x is not a function\n    at y.ts:3'),
      'InvalidRequest',
      /^unexpected: x is not a function \(InvalidRequest\)\n/u,
    ],
  ])('%s', (_, error, code, text) => {
    expect(complaintOf(error).code).toBe(code);
    expect(explainFailure(error)).toMatch(text);
    expect(explainFailure(error)).not.toMatch(/\n\s+at /u);
  });
});

test('which silence is waited out, which is an answer?', () => {
  expect([grpc(14, ''), grpc(4, ''), grpc(5, ''), grpc(7, '')].map(isPassing)).toEqual([true, true, false, false]);
  expect(isPassing(ckeError())).toBe(false);
});

function ckeError(): CkeError {
  return new CkeError({
    code: 'VaultSealed',
    message: 'Vault is sealed',
    got: 'sealed',
    fix: 'vault operator unseal',
    remedy: 'retry',
  });
}

function wrapped(cause: Error): WorkflowFailedError {
  return new WorkflowFailedError('Workflow execution failed', cause, 'RETRY_POLICY_NOT_SET');
}
