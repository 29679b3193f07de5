import { Client } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import { serveCodec } from '../activities/payloads/codec-server.ts';
import { openPayloadCodec } from '../activities/payloads/open.ts';
import { loadSettings } from '../activities/settings.ts';
import { CkeError, describeComplaint } from '../cluster/errors.ts';
import { clusterWorkflowId, taskQueue, wake } from '../workflows/contracts.ts';
import { failureConverterPath, loadWorkflowBundle } from './bundle.ts';
import { certificateGauges } from './certificate-gauges.ts';
import { createRegistry, serveHealth } from './health.ts';
import { logLevel } from './log-level.ts';
import { readKillAt, withKillAt } from './kill-at.ts';
import { closePorts, openPorts } from './ports.ts';
import { deleteSchedules } from './schedules.ts';
import { connectTemporal, createWorker } from './temporal.ts';

/** grpc-js, below etcd3, uses a TLS option that Node announces the end of: nothing that an operator could act on. */
process.noDeprecation = true;

/** The worker's process: reads the settings, opens what it needs, and works until it is told to stop. */
async function main(): Promise<void> {
  const level = logLevel();
  Runtime.install({
    logger: new DefaultLogger(level),
    telemetryOptions: { logging: { filter: level, forward: {} } },
  });
  const settings = loadSettings();
  const connection = await connectTemporal(settings.temporal);
  const { namespace } = settings.temporal;
  const ports = await openPorts(settings);
  const codec = openPayloadCodec({ settings, vault: ports.vault });
  const dataConverter = { payloadCodecs: [codec], failureConverterPath };
  const client = new Client({ connection, namespace, dataConverter });
  const registry = createRegistry();
  const real = createActivities({
    ...ports,
    seen: certificateGauges(registry),
    wake: (cluster, because) => client.workflow.getHandle(clusterWorkflowId(cluster)).signal(wake, { because }),
    endUpkeep: (cluster) => deleteSchedules(client, cluster),
  });
  const killAt = process.env['CKE_TEST_KILL_AT'];
  const activities = killAt === undefined ? real : withKillAt(real, readKillAt(killAt));
  const bundle = await loadWorkflowBundle();
  const worker = await createWorker({ connection, namespace, taskQueue, bundle, activities, dataConverter });
  const health = serveHealth({
    registry,
    address: settings.metrics?.address,
    isPolling: () => worker.getState() === 'RUNNING',
  });
  const { codec_server: codecAddress, ui } = settings.temporal;
  const codecServer = codecAddress === undefined ? undefined : serveCodec({ codec, address: codecAddress, ui });
  console.log(`worker: polling ${settings.temporal.address}, namespace ${namespace}`);
  try {
    await worker.run();
  } finally {
    health?.close();
    codecServer?.close();
    closePorts(ports);
    await connection.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof CkeError ? describeComplaint(error.complaint) : `worker: ${String(error)}`);
  process.exitCode = 1;
});
