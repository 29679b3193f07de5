import { ownCredentials, type ClientCredentials } from '../../activities/credentials.ts';
import type { Ports } from '../../activities/create-activities.ts';
import { acceptedDeclarations } from '../../activities/declarations.ts';
import { loadSettings } from '../../activities/settings.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { closePorts, openPorts } from '../../worker/ports.ts';
import { cluster, lab } from './story.ts';

/** What is wanted now, as the management etcd has it. */
export function acceptedDeclaration(): Promise<Declaration> {
  return withPorts(({ store }) => latest(store));
}

/** Client certificates as the worker has them: for the cluster's etcd, and for its API servers. */
export function clientCredentials(): Promise<{ etcd: ClientCredentials; kubernetes: ClientCredentials }> {
  return withPorts(async ({ store, vault }) => {
    const declaration = await latest(store);
    const own = ownCredentials(vault);
    return { etcd: await own.etcd(declaration), kubernetes: await own.kubernetes(declaration) };
  });
}

async function latest(store: Ports['store']): Promise<Declaration> {
  return (await acceptedDeclarations(store.declarations).get(cluster, 'latest')).declaration;
}

async function withPorts<T>(use: (ports: Omit<Ports, 'wake' | 'endUpkeep'>) => Promise<T>): Promise<T> {
  const ports = await openPorts(loadSettings(lab.paths.settings));
  try {
    return await use(ports);
  } finally {
    closePorts(ports);
  }
}
