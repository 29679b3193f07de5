import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { controlPlanes } from '../../cluster/declaration/nodes.ts';
import type { OwnCredentials } from '../credentials.ts';
import type { ApiServers } from './servers.ts';

/** The API servers of all declared control planes, asked as ourselves. @throws CkeError Vault… */
export async function serversOf(credentials: OwnCredentials, declaration: Declaration): Promise<ApiServers> {
  return {
    cluster: declaration.name,
    addresses: controlPlanes(declaration).map(({ address }) => address),
    credentials: await credentials.kubernetes(declaration),
  };
}
