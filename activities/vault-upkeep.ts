import type { VaultUpkeepActivities } from './contracts/operations.ts';
import type { Vault } from './vault/vault.ts';

/** What the daily schedule of a cluster does in Vault. */
export function vaultUpkeepActivities({
  vault,
}: {
  vault: Pick<Vault, 'tidy' | 'renewSecretId'>;
}): VaultUpkeepActivities {
  return {
    tidyAuthority: ({ cluster, authority }) => vault.tidy({ cluster, authority }),
    renewSecretId: async ({ cluster }) => ({ secretId: await vault.renewSecretId({ cluster, when: 'due' }) }),
  };
}
