import { clusterDomain } from '../../declaration/cluster-addresses.ts';
import type { BuiltInInput } from './built-in-objects.ts';

/** Where CoreDNS listens: not below 1024, so that it needs no privilege. */
export const corednsPorts = { dns: 1053, metrics: 9153, health: 8080, ready: 8181 } as const;

/**
 * Configuration of CoreDNS: the cluster's domain and the names of addresses; other names only when there are upstreams, since nodes
 * ask those themselves. A denial is not logged: search paths make several of every question.
 */
export function corefile({ declaration, upstreams }: BuiltInInput): string {
  const reverse = 'in-addr.arpa ip6.arpa';
  const outside =
    upstreams.length === 0
      ? { fallthrough: [], forward: [] }
      : { fallthrough: [`        fallthrough ${reverse}`], forward: [`    forward . ${upstreams.join(' ')}`] };
  return [
    `.:${corednsPorts.dns} {`,
    '    errors',
    `    health :${corednsPorts.health} {`,
    '        lameduck 2s',
    '    }',
    `    ready :${corednsPorts.ready}`,
    `    kubernetes ${clusterDomain(declaration)} ${reverse} {`,
    '        pods verified',
    ...outside.fallthrough,
    '    }',
    ...outside.forward,
    `    prometheus :${corednsPorts.metrics}`,
    '    cache 30',
    '    reload',
    '    loadbalance',
    '}',
    '',
  ].join('\n');
}
