import { versionOfImage } from '../../../cluster/declaration/image-reference.ts';
import type { Version } from '../../../cluster/declaration/versions.ts';
import { specOf } from './engine.ts';
import type { ModelContainer, World } from './world.ts';

const known = new Map<string, Version | undefined>();

/** Images are few and their names are asked for all the time. */
export function knownVersion(image: string): Version | undefined {
  if (!known.has(image)) known.set(image, versionOfImage(image));
  return known.get(image);
}

/** The image that a spec names. */
export const imageOf = (world: World, spec: string): string => specOf(world, { spec }).container.image;

/** What a container runs: its spec names the image. */
export const versionOf = (world: World, { spec }: ModelContainer): Version | undefined =>
  knownVersion(imageOf(world, spec));

/** As a kubelet tells its own: `v1.34.4`. */
export const sayVersion = (version: Version | undefined): string =>
  version === undefined ? '' : `v${version.major}.${version.minor}.${version.patch}`;

/** Minors between two versions: positive when the first is newer. Majors don't change in the model. */
export const minorsAhead = (one: Version, other: Version): number => one.minor - other.minor;
