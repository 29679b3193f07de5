import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { leftOver, readAddons } from '../resources/addons.ts';
import { storeDefinitions } from '../resources/store-definitions.ts';
import { compare } from '../resources/wish.ts';
import type { Session } from '../session.ts';

/**
 * Fetches the add-ons of a declaration and compares them with what is stored; nothing is changed yet. Returns what stores them and tells
 * how many definitions that changed.
 * @throws CkeError InvalidRequest for manifests that are not the pinned ones, or an object that a person has set
 */
export async function prepareAddons(
  session: Session,
  declaration: Declaration,
  by: string,
): Promise<() => Promise<number>> {
  const { name: cluster, addons } = declaration;
  const wishes = await readAddons(addons);
  const stored = await session.store().resources.definitions(cluster);
  const remove = leftOver(wishes, stored);
  const changes = await compare(session, { cluster, wishes, stored });
  return () => storeDefinitions(session, { cluster, wishes, stored, changes, remove, by });
}
