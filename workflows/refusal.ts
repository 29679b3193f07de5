import { ApplicationFailure } from '@temporalio/common';
import type { Complaint } from '../cluster/errors.ts';

/** What the validator of an update throws: the complaint reaches the client, and nothing is tried again. */
export function refusal(complaint: Complaint): ApplicationFailure {
  const { code: type, message } = complaint;
  return ApplicationFailure.create({ message, type, nonRetryable: true, details: [complaint] });
}
