import type { Addon } from '../../declaration/addons.ts';
import { isMapping } from '../../declaration/mapping.ts';
import type { Json } from '../../declaration/service-options.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';

/** On every object of an add-on: its name. Definitions of people lose it, or they would go with the add-on. */
export const addonAnnotation = 'cke.cybozu.com/addon';

/** Beside it: what the add-on's objects were made from, and how many they are. */
export const addonPinAnnotation = 'cke.cybozu.com/addon-pin';

/** The add-on that an object belongs to; undefined for one that a person has defined. */
export function addonOf({ metadata }: Pick<KubernetesObject, 'metadata'>): string | undefined {
  return metadata.annotations?.[addonAnnotation];
}

export function addonPinOf({ metadata }: Pick<KubernetesObject, 'metadata'>): string | undefined {
  return metadata.annotations?.[addonPinAnnotation];
}

/** The object as part of an add-on, with the images that are wanted instead. */
export function ofAddon(
  object: KubernetesObject,
  { name, images, pin }: Pick<Addon, 'name' | 'images'> & { pin: string },
): KubernetesObject {
  const { metadata, ...rest } = withImages(object, images) as KubernetesObject;
  return {
    ...rest,
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, [addonAnnotation]: name, [addonPinAnnotation]: pin },
    },
  };
}

function withImages(value: unknown, images: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => withImages(one, images));
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === 'image' && typeof one === 'string' ? (images[one] ?? one) : withImages(one, images),
    ]),
  );
}

/** Images that objects name. */
export function imagesIn(value: Json | object | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => imagesIn(one));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]: [string, Json]) =>
    key === 'image' && typeof one === 'string' ? [one] : imagesIn(one),
  );
}
