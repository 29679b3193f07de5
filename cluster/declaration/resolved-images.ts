import { parseImageReference, mirrored } from './image-reference.ts';
import { defaultImages, imageNames } from './images.ts';
import type { ImageName } from './images.ts';
import type { Finding } from './problem.ts';
import { minorOf, parseVersion } from './versions.ts';

export type ImageSettings = { registry_mirror?: string; require_digests: boolean } & Partial<Record<ImageName, string>>;

/** Every image of a cluster: an override as it stands, else the default with its registry replaced by the mirror. */
export function resolveImages(kubernetesVersion: string, settings: ImageSettings): Record<ImageName, string> {
  const { registry_mirror } = settings;
  const images = defaultImages(kubernetesVersion);
  for (const name of imageNames) {
    const override = settings[name];
    if (override !== undefined) images[name] = override;
    else if (registry_mirror !== undefined) images[name] = mirrored(images[name], registry_mirror);
  }
  return images;
}

/** What is wrong with the resolved image of a component: an unpinned one where digests are required, another minor. */
export function resolvedImageFinding(
  name: ImageName,
  image: string,
  { kubernetesVersion, requireDigests }: { kubernetesVersion: string; requireDigests: boolean },
): Finding | undefined {
  const { tag, digest } = parseImageReference(image) ?? {};
  if (requireDigests && digest === undefined)
    return {
      code: 'digest-required',
      got: image.slice(0, 80),
      want: `${image.slice(0, 100)}@sha256:…`,
      hint: 'digest required: images.require_digests is true',
    };
  if (!name.startsWith('kube')) return undefined;
  const tagged = parseVersion(tag ?? '');
  const declared = parseVersion(kubernetesVersion);
  if (tagged === undefined || declared === undefined || minorOf(tagged) === minorOf(declared)) return undefined;
  return {
    code: 'image-version',
    want: `an image of Kubernetes ${minorOf(declared)}, as kubernetes_version says`,
    hint: 'components of different minors must not be mixed by hand: change kubernetes_version instead',
  };
}
