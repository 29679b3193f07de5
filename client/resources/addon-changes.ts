import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { addonOf } from '../../cluster/resources/user/addon.ts';
import type { ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import { leftOver, readAddons } from './addons.ts';
import { storeDefinitions } from './store-definitions.ts';
import { splitAddons } from './stored-addons.ts';
import { compare } from './wish.ts';
import { count } from '../output.ts';
import type { Session } from '../session.ts';

/** What a declaration's add-ons would change. */
export interface AddonChange {
  name: string;
  added: number;
  changed: number;
  removed: number;
}

export interface PreparedAddons {
  changes: AddonChange[];
  /** Stores what differs. */
  store: (by: string) => Promise<void>;
}

/**
 * Fetches the add-ons of a declaration that are not stored as they are pinned, and compares them with what is; nothing is changed yet.
 * @throws CkeError InvalidRequest for manifests that are not the pinned ones, or an object that somebody else has set
 */
export async function prepareAddons(session: Session, { name: cluster, addons }: Declaration): Promise<PreparedAddons> {
  const stored = await session.store().resources.definitions(cluster);
  const { kept, toFetch } = splitAddons(addons, stored);
  const wishes = await readAddons(toFetch);
  const remove = leftOver(wishes, stored, kept);
  const changes = await compare(session, { cluster, wishes, stored });
  const ownerOf = (key: ResourceKey) => {
    const object = wishes.get(key) ?? stored.get(key)?.resource.object;
    return (object && addonOf(object)) ?? '';
  };
  const changed = changes.changed.map(({ key }) => key);
  const names = [...new Set([...changes.created, ...changed, ...remove].map(ownerOf))];
  return {
    changes: names.map((name) => {
      const of = (keys: ResourceKey[]) => keys.filter((key) => ownerOf(key) === name).length;
      return { name, added: of(changes.created), changed: of(changed), removed: of(remove) };
    }),
    store: async (by) => {
      await storeDefinitions(session, { cluster, wishes, stored, changes, remove, by });
    },
  };
}

/** `metrics-server: 8 objects added`. */
export function addonChangeText({ name, added, changed, removed }: AddonChange): string {
  const parts = [
    [added, 'added'],
    [changed, 'changed'],
    [removed, 'removed'],
  ] as const;
  const said = parts.filter(([objects]) => objects > 0).map(([objects, what]) => `${count(objects, 'object')} ${what}`);
  return `${name}: ${said.join(', ')}`;
}
