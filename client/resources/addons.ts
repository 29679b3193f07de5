import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Addon } from '../../cluster/declaration/addons.ts';
import { CkeError } from '../../cluster/errors.ts';
import { addonOf, imagesIn, ofAddon } from '../../cluster/resources/user/addon.ts';
import { describeResource, type ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { wishesOf } from './sources.ts';
import { addonPin } from './stored-addons.ts';
import type { Definitions } from './wish.ts';

const patienceMilliseconds = 30_000;
const mostBytes = 20_000_000;

/**
 * The objects of all add-ons, by key. Nothing is taken from manifests that are not the pinned ones.
 * @throws CkeError InvalidRequest: not reached, another digest, no manifests, an object that two of them have
 */
export async function readAddons(addons: readonly Addon[]): Promise<Map<ResourceKey, KubernetesObject>> {
  const sets = await Promise.all(addons.map(async (addon) => ({ addon, objects: await objectsOf(addon) })));
  const all = new Map<ResourceKey, KubernetesObject>();
  for (const { addon, objects } of sets)
    for (const [key, object] of objects) {
      const other = all.get(key);
      if (other !== undefined)
        throw refused(addon, { message: `${describeResource(key)} belongs to the add-on ${addonOf(other)} already` });
      all.set(key, object);
    }
  return all;
}

async function objectsOf(addon: Addon): Promise<Map<ResourceKey, KubernetesObject>> {
  const bytes = await bytesOf(addon);
  const got = createHash('sha256').update(bytes).digest('hex');
  if (got !== addon.sha256)
    throw refused(addon, {
      message: `${addon.source} is not what is pinned`,
      got: `sha256 ${got}`,
      want: `sha256 ${addon.sha256}`,
      fix: 'read what has changed there; when it is what you want, write the new sha256 into the declaration',
    });
  const { objects } = wishesOf([{ text: bytes.toString('utf8'), name: addon.source }]);
  const named = new Set(imagesIn([...objects.values()]));
  const idle = Object.keys(addon.images).filter((image) => !named.has(image));
  if (idle.length > 0)
    throw refused(addon, {
      message: `its manifests name no image ${idle.join(', ')}`,
      want: `one of ${[...named].toSorted().join(', ')}`,
    });
  const pin = addonPin(addon, objects.size);
  return new Map([...objects].map(([key, object]) => [key, ofAddon(object, { ...addon, pin })]));
}

async function bytesOf(addon: Addon): Promise<Buffer> {
  try {
    if (!addon.source.includes('://')) return await readFile(addon.source);
    const answer = await fetch(addon.source, { signal: AbortSignal.timeout(patienceMilliseconds) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (bytes.length > mostBytes) throw new Error(`${bytes.length} bytes, at most ${mostBytes} are taken`);
    return bytes;
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    throw refused(addon, {
      message: `${addon.source} can't be had`,
      got: error instanceof Error && error.cause instanceof Error ? error.cause.message : got,
      fix: 'fetch it where it can be had, and name the file as source',
    });
  }
}

/**
 * Definitions of add-ons that are no more; those of `kept` add-ons stay as they are.
 * @throws CkeError InvalidRequest for an object that a person has set, or that a kept add-on has
 */
export function leftOver(
  wishes: ReadonlyMap<ResourceKey, KubernetesObject>,
  stored: Definitions,
  kept: ReadonlySet<string> = new Set(),
): ResourceKey[] {
  for (const [key, wish] of wishes) {
    const standing = stored.get(key)?.resource.object;
    const owner = standing && addonOf(standing);
    if (standing !== undefined && (owner === undefined || kept.has(owner)))
      throw new CkeError({
        code: 'InvalidRequest',
        message: `the add-on ${addonOf(wish)} has an object that ${owner === undefined ? 'was set by a person' : `belongs to the add-on ${owner}`}: ${describeResource(key)}`,
        fix: 'nothing was changed. One of the two has to go: cke-client resource delete, or take the add-on out',
        remedy: 'never',
      });
  }
  return [...stored].flatMap(([key, { resource }]) => {
    const owner = addonOf(resource.object);
    return owner === undefined || kept.has(owner) || wishes.has(key) ? [] : [key];
  });
}

/** Add-ons are the declaration's. @throws CkeError InvalidRequest for a key that belongs to one */
export function demandNoAddon(keys: Iterable<ResourceKey>, stored: Definitions): void {
  for (const key of keys) {
    const standing = stored.get(key)?.resource.object;
    const addon = standing && addonOf(standing);
    if (addon === undefined) continue;
    throw new CkeError({
      code: 'InvalidRequest',
      message: `${describeResource(key)} belongs to the add-on ${addon}`,
      fix: 'nothing was changed. Add-ons are changed by the declaration: addons, then cke-client apply',
      remedy: 'never',
    });
  }
}

type Refusal = Pick<CkeError['complaint'], 'got' | 'want' | 'fix' | 'message'>;

function refused({ name }: Addon, { message, ...more }: Refusal): CkeError {
  return new CkeError({
    code: 'InvalidRequest',
    message: `the add-on ${name} is refused: ${message}`,
    fix: 'correct it; nothing was changed',
    ...more,
    remedy: 'never',
  });
}
