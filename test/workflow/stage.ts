import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { inject } from 'vitest';
import {
  clusterWorkflowId,
  destroyWorkflowId,
  operationWorkflowId,
  requestReconcile,
  status,
  watchWorkflowId,
  type ClusterStatus,
  type ReconcileRequest,
} from '../../workflows/contracts.ts';
import type { clusterWorkflow } from '../../workflows/index.ts';
import { createWorker } from '../../worker/temporal.ts';
import type { Performance } from './script.ts';

/** A worker of its own for one cluster, with the real workflow code and given activities. */
export interface Stage {
  cluster: string;
  client: Client;
  taskQueue: string;
  /** Asks for a reconcile and returns its ticket; starts the entity where there is none. */
  request(because?: string, more?: Pick<ReconcileRequest, 'planned'>): Promise<number>;
  status(): Promise<ClusterStatus>;
  /** Waits until the ticket is done, and returns the status then. */
  done(ticket: number): Promise<ClusterStatus>;
}

/** A client of the test's server, for a cluster whose worker runs elsewhere. */
export async function connectStage(cluster: string): Promise<Stage & { close(): Promise<void> }> {
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  return { ...stageOf(new Client({ connection }), cluster), close: () => connection.close() };
}

/** Runs `play` with a worker that polls, and ends everything of the cluster after it. */
export async function onStage(
  cluster: string,
  { activities, end }: Performance,
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  installRuntime();
  const address = inject('temporalAddress');
  const connection = await NativeConnection.connect({ address });
  const stage = await connectStage(cluster);
  const worker = await createWorker({
    connection,
    namespace: 'default',
    taskQueue: cluster,
    bundle: { code: await readFile(inject('workflowBundle'), 'utf8'), digest: 'under-test' },
    activities,
  });
  const running = worker.run();
  try {
    await play(stage);
  } finally {
    await endAll(stage.client, cluster);
    end();
    worker.shutdown();
    await running;
    await stage.close();
    await connection.close();
  }
}

function installRuntime(): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
    });
  } catch {
    // It is there already: once per process is enough.
  }
}

function stageOf(client: Client, cluster: string): Stage {
  const ask = () => client.workflow.getHandle(clusterWorkflowId(cluster)).query(status);
  return {
    cluster,
    client,
    taskQueue: cluster,
    status: ask,
    async request(because = 'the test asked', more = {}) {
      const start = new WithStartWorkflowOperation<typeof clusterWorkflow>('clusterWorkflow', {
        workflowId: clusterWorkflowId(cluster),
        workflowIdConflictPolicy: 'USE_EXISTING',
        taskQueue: cluster,
        args: [{ cluster }],
      });
      const request = { requestedBy: 'test', because, ...more };
      const { ticket } = await client.workflow.executeUpdateWithStart(requestReconcile, {
        args: [request],
        startWorkflowOperation: start,
      });
      return ticket;
    },
    async done(ticket) {
      return until(`ticket ${ticket} is done`, async () => {
        const now = await ask();
        return now.completedTicket >= ticket ? now : undefined;
      });
    },
  };
}

async function endAll(client: Client, cluster: string): Promise<void> {
  for (const id of [clusterWorkflowId, watchWorkflowId, operationWorkflowId, destroyWorkflowId].map((of) =>
    of(cluster),
  ))
    await client.workflow
      .getHandle(id)
      .terminate('the test is over')
      .catch(() => undefined);
}

/** Asks every 30 ms until there is an answer; fails after 110 s: machines that build things meanwhile are slow. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 110_000;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(30);
  }
  throw new Error(`not in time: ${what}`);
}

/** A promise that a test resolves by hand. */
export interface Gate {
  opened: Promise<void>;
  readonly open: () => void;
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
