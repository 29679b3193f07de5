import { V1Service } from '@kubernetes/client-node';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { readAt } from './objects.ts';
import type { ApiServer } from './servers.ts';

/**
 * Resolvers for names outside of the cluster: the address of `dns_service` where that Service has one, else `dns_servers`; none:
 * those of each node.
 */
export async function upstreamsAt(
  server: ApiServer,
  { dns_service, dns_servers }: Pick<Declaration, 'dns_service' | 'dns_servers'>,
): Promise<string[]> {
  if (dns_service === undefined) return dns_servers;
  const [namespace = '', name = ''] = dns_service.split('/');
  const service = await readAt(server, { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace } });
  const address = service instanceof V1Service ? service.spec?.clusterIP : undefined;
  return address === undefined || address === '' || address === 'None' ? dns_servers : [address];
}
