import { CkeError } from '../../cluster/errors.ts';
import type { Fence } from '../fence.ts';
import type { Mandate } from '../contracts/mandates.ts';
import { readLabels } from '../labels.ts';
import type { InspectedContainer, ListedContainer, NodeDocker } from '../node/docker.ts';

type Standing = Pick<InspectedContainer, 'image' | 'labels'>;

/** What the container before ran, for the label of the next one: an image that did not change keeps what was before it. */
export function previousImage(standing: Standing | undefined, image: string): string | undefined {
  if (standing === undefined) return undefined;
  return standing.image === image ? readLabels(standing.labels).previousImage : standing.image;
}

/**
 * The image that a replacement makes needless: the present and the previous one are kept, and the one before was ours, since a container
 * of ours says that it ran on it. Undefined while any container of ours on the node runs on it or would go back to it.
 */
export function needlessImage(standing: Standing | undefined, listed: readonly ListedContainer[]): string | undefined {
  const oldest = standing && readLabels(standing.labels).previousImage;
  const isKept = (one: Pick<ListedContainer, 'image' | 'labels'>) =>
    one.image === oldest || readLabels(one.labels).previousImage === oldest;
  return oldest === undefined || listed.some(isKept) ? undefined : oldest;
}

interface Dropping {
  docker: Pick<NodeDocker, 'list' | 'removeImage'>;
  fence: Fence;
  mandate: Mandate;
  /** What stood there before the container that runs now. */
  standing: Standing | undefined;
}

/** Removes the needless image, if there is one. What comes to nothing costs disk and no more: the component runs by now. */
export async function dropNeedlessImage({ docker, fence, mandate, standing }: Dropping): Promise<void> {
  if (standing === undefined || readLabels(standing.labels).previousImage === undefined) return;
  try {
    const image = needlessImage(standing, await docker.list());
    if (image === undefined) return;
    await fence.mayAct(mandate);
    await docker.removeImage(image);
  } catch (error) {
    if (!(error instanceof CkeError)) throw error;
  }
}
