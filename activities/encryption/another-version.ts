import { kmsCipher, kmsVersion } from '../../cluster/encryption/cipher.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

interface VersionPorts {
  store: Pick<Store, 'encryption'>;
  vault: Pick<Vault, 'ensureTransitVersionAfter'>;
}

/**
 * Goes on with one more version of the transit key than the change was begun with: an API server has had its data key wrapped at the very moment of
 * the rotation, under the name of the new version by the old one, and makes another only when that name changes.
 * @throws CkeError StoreConflict, those of Vault
 */
export async function wantAnotherVersion({ store, vault }: VersionPorts, cluster: string): Promise<void> {
  const stored = await store.encryption.get(cluster);
  const change = stored?.value.change;
  const version = change && kmsVersion(change.to);
  if (stored === undefined || change === undefined || version === undefined) return;
  const next = await vault.ensureTransitVersionAfter({ cluster, than: version });
  const { progress: _counted, ...rest } = change;
  const again = { ...rest, to: kmsCipher(next), stage: 'leading' as const };
  await store.encryption.put(cluster, { ...stored.value, change: again }, { version: stored.version });
}
