import type { RotationActivities, RotationLook, RotationPlace } from '../../activities/contracts/campaigns.ts';

/** What the campaign of a CA rotation acts through. The simulator passes activities of its own. */
export interface RotationCampaign {
  activities: RotationActivities;
  /** Tells the entity that something is wanted now. */
  wake: (because: string) => Promise<void>;
}

/** Looks, and enters the next stage when this one is complete. */
export async function lookAtRotation(
  place: RotationPlace,
  { activities, wake }: RotationCampaign,
): Promise<RotationLook> {
  const seen = await activities.lookAtRotation(place);
  const { rotation, state } = seen;
  if (rotation === undefined || state === 'over') return seen;
  if (state === 'complete') {
    await activities.settleHolders(place);
    await activities.advanceRotation({ ...place, stage: rotation.stage });
    await wake(`${place.of}: ${rotation.stage} is complete`);
  } else if (rotation.pods === 'restart' && rotation.stage === 'trust-both') {
    await activities.settleHolders(place);
  }
  return seen;
}
