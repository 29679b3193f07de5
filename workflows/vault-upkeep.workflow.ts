import { authorities, pluginAuthority } from '../cluster/certificates/certificate.ts';
import { lookingActivities } from './proxies.ts';

/**
 * Keeps Vault in order for one cluster. Started once a day by the Temporal Schedule `cluster/<name>/vault`, which init and apply make
 * sure of; ends when it is done. One authority after the other: Vault carries a tidy out in the background.
 */
export async function vaultUpkeep({ cluster }: { cluster: string }): Promise<{ secretId: 'kept' | 'renewed' }> {
  const renewal = await lookingActivities.renewSecretId({ cluster });
  for (const authority of [...authorities, pluginAuthority])
    await lookingActivities.tidyAuthority({ cluster, authority });
  return renewal;
}
