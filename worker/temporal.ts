import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { pid } from 'node:process';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { CkeError } from '../cluster/errors.ts';
import type { Activities } from '../activities/contracts/activities.ts';
import type { TemporalSettings } from '../activities/settings.ts';
import type { WorkflowBundle } from './bundle.ts';

/** Activities wait for machines most of the time: many may be under way at once. */
const concurrentActivities = 200;

/** How long activities may go on after SIGTERM; then they are cancelled and another worker takes them up. */
const grace = '20 seconds';

/** @throws CkeError TemporalUnavailable */
export async function connectTemporal({ address, tls }: TemporalSettings): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({ address, ...(tls && { tls: await tlsOf(tls) }) });
  } catch {
    throw new CkeError({
      code: 'TemporalUnavailable',
      message: `Temporal at ${address} does not answer`,
      fix: 'start Temporal, or correct temporal.address in the settings',
      remedy: 'retry',
    });
  }
}

async function tlsOf({ ca_file, cert_file, key_file, server_name }: NonNullable<TemporalSettings['tls']>) {
  return {
    ...(ca_file !== undefined && { serverRootCACertificate: await readFile(ca_file) }),
    ...(server_name !== undefined && { serverNameOverride: server_name }),
    ...(cert_file !== undefined &&
      key_file !== undefined && { clientCertPair: { crt: await readFile(cert_file), key: await readFile(key_file) } }),
  };
}

/**
 * An operation keeps nothing that a fresh look would not find: when new code can't go on with one that older code began, the
 * operation fails, its entity starts another with a newer epoch, and nothing hangs. The entity itself must stay replayable.
 */
const replaceable = ['NondeterminismError'];
const workflowFailureErrorTypes = {
  '*': [],
  reconcile: replaceable,
  batch: replaceable,
  planWorkflow: replaceable,
  observeWorkflow: replaceable,
  certificatesWorkflow: replaceable,
  checkFilesWorkflow: replaceable,
  sshKeyWorkflow: replaceable,
  etcdUserWorkflow: replaceable,
};

export interface WorkerParts {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  bundle: WorkflowBundle;
  activities: Partial<Activities>;
  /** Absent in tests, whose histories are read as they are. */
  dataConverter?: DataConverter;
}

export async function createWorker({ bundle, ...parts }: WorkerParts): Promise<Worker> {
  return Worker.create({
    ...parts,
    identity: `cke@${hostname()}#${pid}`,
    workflowBundle: { code: bundle.code },
    workflowFailureErrorTypes,
    maxConcurrentActivityTaskExecutions: concurrentActivities,
    maxHeartbeatThrottleInterval: '2 seconds',
    defaultHeartbeatThrottleInterval: '2 seconds',
    shutdownGraceTime: grace,
    shutdownForceTime: '30 seconds',
  });
}
