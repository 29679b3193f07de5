import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Ports } from '../activities/create-activities.ts';
import { createEtcdClusters } from '../activities/etcd/clusters.ts';
import { createKubernetes } from '../activities/kubernetes/kubernetes.ts';
import { createNodes } from '../activities/node/nodes.ts';
import type { Settings } from '../activities/settings.ts';
import { createStore } from '../activities/store/store.ts';
import { readAppRoleCredentials, writeAppRoleCredentials } from '../activities/vault/credentials.ts';
import { createVault } from '../activities/vault/vault.ts';

/** What a worker needs of the outside world, opened by the settings. */
export async function openPorts({
  etcd,
  vault,
  credentials_directory,
}: Settings): Promise<Omit<Ports, 'wake' | 'endUpkeep'>> {
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
    saveCredentials: (cluster, fresh) => writeAppRoleCredentials({ directory: credentials_directory, cluster }, fresh),
  });
  const nodes = createNodes({
    privateKey: (cluster, address) => secrets.sshPrivateKey({ cluster, address }),
    hostKeys: store.hostKeys,
  });
  return {
    store,
    vault: secrets,
    nodes,
    etcd: createEtcdClusters(),
    kubernetes: createKubernetes(),
    snapshots: join(dirname(credentials_directory), 'snapshots'),
  };
}

/** Ends what was opened: connections to nodes, to clusters and to the management etcd. */
export function closePorts({ nodes, etcd, store }: Pick<Ports, 'nodes' | 'etcd' | 'store'>): void {
  nodes.close();
  etcd.close();
  store.close();
}
