import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import type { ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import type { Session } from '../session.ts';
import { forgetContents, secretsAmong } from './contents.ts';
import { toStore, type Definitions, type ResourceChanges } from './wish.ts';

interface Storing {
  cluster: string;
  wishes: ReadonlyMap<ResourceKey, KubernetesObject>;
  stored: Definitions;
  changes: Pick<ResourceChanges, 'created' | 'changed'>;
  remove: ResourceKey[];
  by: string;
}

/** Stores what is new or changed, and takes out what is to go; how many definitions that were. */
export async function storeDefinitions(session: Session, input: Storing): Promise<number> {
  const { cluster, wishes, stored, changes, remove, by } = input;
  const news = new Set<ResourceKey>([...changes.created, ...changes.changed.map(({ key }) => key)]);
  const put = new Map(
    await Promise.all(
      [...wishes]
        .filter(([key]) => news.has(key))
        .map(async ([key, wish]) => [key, await toStore(session, { cluster, wish, by })] as const),
    ),
  );
  const { resources } = session.store();
  if (put.size + remove.length > 0) await resources.change(cluster, { put, remove });
  await forgetContents(session, cluster, secretsAmong(stored, remove));
  return put.size + remove.length;
}
