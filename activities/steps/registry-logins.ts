import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { loginAddress, loginFor, registryOf } from '../../cluster/declaration/private-registries.ts';
import type { PullOptions } from '../node/image-calls.ts';
import { secretsMount } from '../vault/paths.ts';
import type { Vault } from '../vault/vault.ts';

/**
 * What a node's Docker pulls an image with: the declared login, read from Vault for this one call, and what helps when it is refused.
 * @throws CkeError of Vault
 */
export async function pullOptions(
  vault: Pick<Vault, 'registryLogin'>,
  declaration: Declaration,
  image: string,
): Promise<PullOptions> {
  const registry = loginFor(declaration, image);
  if (registry === undefined) return { cure: undeclared(registryOf(image)) };
  const { credentials_secret: entry } = registry;
  const login = await vault.registryLogin({ cluster: declaration.name, entry });
  return {
    auth: { ...login, serveraddress: loginAddress(registry) },
    cure: `correct USERNAME:PASSWORD in Vault: vault kv patch -mount=${secretsMount(declaration.name)} registries ${entry}=@FILE`,
  };
}

const undeclared = (host: string): string =>
  `name its login in the declaration: private_registries: [{host: ${host}, credentials_secret: ENTRY}]`;
