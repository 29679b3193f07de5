import type { Target } from '../../cluster/steps/base.ts';
import type { Mandate } from '../../activities/contracts/mandates.ts';
import type { NodeActivities } from '../../activities/contracts/steps.ts';

/** Looks at what a new node lacks before anything is put there, then brings the images and the container that files go through. */
export async function prepareNode({ node: name }: Target, mandate: Mandate, node: NodeActivities): Promise<void> {
  const place = { ...mandate, node: name };
  await node.checkNode(place);
  await node.enrolNode(place);
  await node.pullImages(place);
  await node.createFileContainer(place);
}
