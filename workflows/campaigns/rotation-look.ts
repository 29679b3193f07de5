import { pluginAuthority } from '../../cluster/certificates/certificate.ts';
import type { Rotatable, Rotation } from '../../cluster/certificates/trust.ts';
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
  } else if (isToldBefore(place.of, rotation)) {
    await activities.settleHolders(place);
  }
  return seen;
}

/** Whether those that reconcile does not reach have to be told before the stage can be complete: pods to be restarted, Vault whom to believe. */
const isToldBefore = (of: Rotatable, { pods, stage }: Rotation): boolean =>
  of === pluginAuthority || (pods === 'restart' && stage === 'trust-both');
