import { isSecret } from '../../cluster/resources/user/definition.ts';
import type { ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import type { Session } from '../session.ts';
import { secretPlace, type Definitions } from './wish.ts';

/** Those of the keys that are Secrets, whose content is in Vault. */
export function secretsAmong(defined: Definitions, keys: readonly ResourceKey[]): ResourceKey[] {
  return keys.filter((key) => {
    const object = defined.get(key)?.resource.object;
    return object !== undefined && isSecret(object);
  });
}

/** Called when the definitions are gone: a Secret that is still defined, or is again, never loses what it holds. */
export async function forgetContents(session: Session, cluster: string, keys: readonly ResourceKey[]): Promise<void> {
  const defined = await session.store().resources.revisions(cluster);
  for (const key of keys.filter((one) => !defined.has(one)))
    await session.vault().removeResourceSecret({ cluster, ...secretPlace(key) });
}
