import type { DismantlingActivities } from '../../activities/contracts/campaigns.ts';
import type { NodeMandate } from '../../activities/contracts/mandates.ts';
import type { DataFate } from '../../cluster/destruction.ts';
import { dismantlingOrder } from './departure.ts';

/** Takes everything of ours off a node of a cluster that was given up. Each line is one effect, and can be repeated. */
export async function dismantle(place: NodeMandate, data: DataFate, activities: DismantlingActivities): Promise<void> {
  for (const component of dismantlingOrder) await activities.removeContainer({ ...place, component });
  await activities.stopCondemnedMember(place);
  await activities.giveUpData({ ...place, data });
  await activities.removeFiles(place);
  await activities.removeFileContainer(place);
  await activities.confirmClean(place);
  await activities.forgetNode(place);
}
