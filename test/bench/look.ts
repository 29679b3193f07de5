import { ownCredentials } from '../../activities/credentials.ts';
import { acceptedDeclarations } from '../../activities/declarations.ts';
import { observeCluster } from '../../activities/observe/observe-cluster.ts';
import { closePorts, openPorts } from '../../worker/ports.ts';
import type { Site } from './site.ts';

export interface Views {
  /** Looks at the cluster as a worker does at the beginning of each round. */
  look(): Promise<void>;
  close(): void;
}

/** Client certificates as the worker has them: for the cluster's etcd, and for its API servers. */
export async function clientCredentialsOf({ settings, cluster }: Pick<Site, 'settings' | 'cluster'>) {
  const ports = await openPorts(settings);
  try {
    const own = ownCredentials(ports.vault);
    const { declaration } = await acceptedDeclarations(ports.store.declarations).get(cluster, 'latest');
    return { etcd: await own.etcd(declaration), kubernetes: await own.kubernetes(declaration) };
  } finally {
    closePorts(ports);
  }
}

/** A worker's eyes in this process. */
export async function createViews({ settings, cluster }: Pick<Site, 'settings' | 'cluster'>): Promise<Views> {
  const ports = await openPorts(settings);
  const credentials = ownCredentials(ports.vault);
  const { declaration } = await acceptedDeclarations(ports.store.declarations).get(cluster, 'latest');
  return {
    async look() {
      const seen = await observeCluster({ ...ports, credentials }, declaration);
      const missing = Object.entries(seen.nodes).filter(([, node]) => node.state !== 'observed');
      if (missing.length > 0) throw new Error(`not to be seen: ${missing.map(([name]) => name).join(', ')}`);
    },
    close: () => closePorts(ports),
  };
}
