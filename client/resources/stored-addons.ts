import { createHash } from 'node:crypto';
import { canonicalJson } from '../../cluster/canonical.ts';
import type { Addon } from '../../cluster/declaration/addons.ts';
import { addonOf, addonPinOf } from '../../cluster/resources/user/addon.ts';
import type { Definitions } from './wish.ts';

/** What an add-on's objects were made from, and how many they are: written on each of them. */
export function addonPin({ sha256, images }: Pick<Addon, 'sha256' | 'images'>, objects: number): string {
  const made = createHash('sha256').update(canonicalJson({ sha256, images })).digest('hex');
  return `${made.slice(0, 32)}-${objects}`;
}

/**
 * Add-ons that are stored as they are pinned, to the last object, need not be fetched: who applies something else is not held up by a
 * server that is away.
 */
export function splitAddons(
  addons: readonly Addon[],
  stored: Definitions,
): { kept: ReadonlySet<string>; toFetch: Addon[] } {
  const isStored = (addon: Addon) => {
    const objects = [...stored.values()].flatMap(({ resource: { object } }) =>
      addonOf(object) === addon.name ? [object] : [],
    );
    const pin = addonPin(addon, objects.length);
    return objects.length > 0 && objects.every((object) => addonPinOf(object) === pin);
  };
  const kept = addons.filter(isStored);
  return { kept: new Set(kept.map(({ name }) => name)), toFetch: addons.filter((addon) => !kept.includes(addon)) };
}
