import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import { createEtcdClusters } from '../activities/etcd/clusters.ts';
import { createKubernetes } from '../activities/kubernetes/kubernetes.ts';
import { createNodes } from '../activities/node/nodes.ts';
import { loadSettings, type Settings } from '../activities/settings.ts';
import { createStore } from '../activities/store/store.ts';
import { readAppRoleCredentials } from '../activities/vault/credentials.ts';
import { createVault } from '../activities/vault/vault.ts';
import { CkeError, describeComplaint } from '../cluster/errors.ts';
import { clusterWorkflowId, taskQueue, wake } from '../workflows/contracts.ts';
import { loadWorkflowBundle } from './bundle.ts';
import { serveHealth } from './health.ts';
import { connectTemporal, createWorker } from './temporal.ts';

/** grpc-js, below etcd3, uses a TLS option that Node announces the end of: nothing that an operator could act on. */
process.noDeprecation = true;

/** The worker's process: reads the settings, opens what it needs, and works until it is told to stop. */
async function main(): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('WARN'),
    telemetryOptions: { logging: { filter: 'WARN', forward: {} } },
  });
  const settings = loadSettings();
  const connection = await connectTemporal(settings.temporal);
  const { namespace } = settings.temporal;
  const client = new Client({ connection, namespace });
  const ports = await openPorts(settings);
  const activities = createActivities({
    ...ports,
    snapshots: join(dirname(settings.credentials_directory), 'snapshots'),
    wake: (cluster, because) => client.workflow.getHandle(clusterWorkflowId(cluster)).signal(wake, { because }),
  });
  const bundle = await loadWorkflowBundle();
  const worker = await createWorker({ connection, namespace, taskQueue, bundle, activities });
  const health = serveHealth({ address: settings.metrics?.address, isPolling: () => worker.getState() === 'RUNNING' });
  console.log(`worker: polling ${settings.temporal.address}, namespace ${namespace}`);
  try {
    await worker.run();
  } finally {
    health.server?.close();
    ports.nodes.close();
    ports.etcd.close();
    ports.store.close();
    await connection.close();
  }
}

async function openPorts({ etcd, vault, credentials_directory }: Settings) {
  const store = createStore({
    endpoints: etcd.endpoints,
    credentials: {
      ca: await readFile(etcd.ca_file, 'utf8'),
      certificate: await readFile(etcd.cert_file, 'utf8'),
      privateKey: await readFile(etcd.key_file, 'utf8'),
    },
  });
  const secrets = createVault({
    addresses: vault.addresses,
    ...(vault.ca_file !== undefined && { caFile: vault.ca_file }),
    credentials: (cluster) => readAppRoleCredentials({ directory: credentials_directory, cluster }),
  });
  const nodes = createNodes({
    privateKey: (cluster, address) => secrets.sshPrivateKey({ cluster, address }),
    hostKeys: store.hostKeys,
  });
  return { store, vault: secrets, nodes, etcd: createEtcdClusters(), kubernetes: createKubernetes() };
}

main().catch((error: unknown) => {
  console.error(error instanceof CkeError ? describeComplaint(error.complaint) : `worker: ${String(error)}`);
  process.exitCode = 1;
});
