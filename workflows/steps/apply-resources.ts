import type { Mandate } from '../../activities/contracts/mandates.ts';
import type { ResourceActivities } from '../../activities/contracts/steps.ts';
import type { ApplyResources } from '../../cluster/steps/object-steps.ts';

/** What one activity applies: within its time also where an API server is slow. */
const largestPart = 100;

/** Part after part, in the order of ranks: what is in one part stands before the next one begins. */
export async function applyResources(
  { keys }: ApplyResources,
  mandate: Mandate,
  activities: Pick<ResourceActivities, 'applyResources'>,
): Promise<void> {
  for (let at = 0; at < keys.length; at += largestPart)
    await activities.applyResources({ ...mandate, keys: keys.slice(at, at + largestPart) });
}
