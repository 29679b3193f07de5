import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Messages and stacks of failures go into a payload, which the codec encrypts; in clear stays the type, our error code. Loaded by its
 * path, by the worker and the client as by the workflow bundle.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
