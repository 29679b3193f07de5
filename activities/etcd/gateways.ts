import { endpoint, ports } from '../../cluster/components/endpoint.ts';
import type { EtcdCredentials } from './client.ts';
import { openEtcdGateway } from './gateway.ts';
import type { EtcdGateway } from './gateway.ts';

/** How to reach a cluster's etcd. */
export interface EtcdReach {
  cluster: string;
  /** Control planes; their etcd serves clients on port 2379 and peers on port 2380. */
  nodes: { name: string; address: string }[];
  /** Of the user root. */
  credentials: EtcdCredentials;
}

/** Gateways that stay open from look to look: a TLS handshake costs more than all the rest of an observation. */
export interface EtcdGateways {
  at(reach: Pick<EtcdReach, 'cluster' | 'credentials'>, endpoint: string): EtcdGateway;
  /** Closes those of a cluster whose endpoint is not among `endpoints`. */
  keepOnly(cluster: string, endpoints: readonly string[]): void;
  close(): void;
}

interface Open {
  cluster: string;
  credentials: EtcdCredentials;
  gateway: EtcdGateway;
}

export function createEtcdGateways({ timeoutMs }: { timeoutMs: number }): EtcdGateways {
  const open = new Map<string, Open>();
  const drop = (key: string, { gateway }: Open): void => {
    open.delete(key);
    gateway.close();
  };
  return {
    at({ cluster, credentials }, url) {
      const key = `${cluster} ${url}`;
      const known = open.get(key);
      if (known && sameCredentials(known.credentials, credentials)) return known.gateway;
      if (known) drop(key, known);
      const gateway = openEtcdGateway({ endpoint: url, credentials, timeoutMs });
      open.set(key, { cluster, credentials, gateway });
      return gateway;
    },
    keepOnly(cluster, endpoints) {
      for (const [key, one] of open)
        if (one.cluster === cluster && !endpoints.includes(one.gateway.endpoint)) drop(key, one);
    },
    close() {
      for (const [key, one] of open) drop(key, one);
    },
  };
}

function sameCredentials(a: EtcdCredentials, b: EtcdCredentials): boolean {
  return a.certificate === b.certificate && a.privateKey === b.privateKey && a.ca === b.ca;
}

/** `https://10.0.0.11:2379`, with brackets around an IPv6 address. */
export function clientUrl(address: string): string {
  return `https://${endpoint(address, ports.etcdClient)}`;
}

export function peerUrl(address: string): string {
  return `https://${endpoint(address, ports.etcdPeer)}`;
}
