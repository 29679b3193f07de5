import { pluginAuthority } from '../cluster/certificates/certificate.ts';
import { wrapsByVault } from '../cluster/declaration/encryption-provider.ts';
import type { VaultUpkeepActivities } from './contracts/operations.ts';
import { declarationOf } from './declarations.ts';
import type { Store } from './store/store.ts';
import type { Vault } from './vault/vault.ts';

interface UpkeepPorts {
  vault: Pick<Vault, 'tidy' | 'renewSecretId'>;
  store: { declarations: Pick<Store['declarations'], 'get'> };
}

/** What the daily schedule of a cluster does in Vault. */
export function vaultUpkeepActivities({ vault, store }: UpkeepPorts): VaultUpkeepActivities {
  return {
    async tidyAuthority({ cluster, authority }) {
      // Only where the provider is kms its mount is sure to be there.
      if (authority === pluginAuthority && !(await hasPlugins(store, cluster))) return;
      await vault.tidy({ cluster, authority });
    },
    renewSecretId: async ({ cluster }) => ({ secretId: await vault.renewSecretId({ cluster, when: 'due' }) }),
  };
}

async function hasPlugins(store: UpkeepPorts['store'], cluster: string): Promise<boolean> {
  const stored = await store.declarations.get(cluster, 'latest');
  return stored !== undefined && wrapsByVault(declarationOf(cluster, stored));
}
