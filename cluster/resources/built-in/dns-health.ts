import { isMapping } from '../../declaration/mapping.ts';
import { dnsNames } from './labels.ts';

/** How much of DNS serves: `ready` pods of those `wanted`. */
export interface DnsHealth {
  /** CoreDNS: the cluster's own names. */
  cluster: Serving;
  /** Unbound: the cache of each node. */
  nodes: Serving;
}

interface Serving {
  ready: number;
  wanted: number;
}

/** What the live Deployment and DaemonSet say of themselves; what is not there serves nothing. */
export function dnsHealth(live: ReadonlyMap<string, unknown>): DnsHealth {
  const deployment = live.get(`Deployment/kube-system/${dnsNames.app}`);
  const daemonSet = live.get(`DaemonSet/kube-system/${dnsNames.cache}`);
  return {
    cluster: { ready: count(deployment, 'status', 'readyReplicas'), wanted: count(deployment, 'spec', 'replicas') },
    nodes: {
      ready: count(daemonSet, 'status', 'numberReady'),
      wanted: count(daemonSet, 'status', 'desiredNumberScheduled'),
    },
  };
}

function count(object: unknown, part: 'spec' | 'status', field: string): number {
  const within = isMapping(object) ? object[part] : undefined;
  const value = isMapping(within) ? within[field] : undefined;
  return typeof value === 'number' ? value : 0;
}
