import * as wf from '@temporalio/workflow';
import { tokenSigner, type Rotation } from '../cluster/certificates/trust.ts';
import { lookAtRotation } from './campaigns/rotation-look.ts';
import { directRotation, rotationProgress } from './contracts.ts';
import type { RotateAuthority, RotationProgress } from './contracts.ts';
import { describeRotation } from './details.ts';
import { complaintOf } from './failures.ts';
import { rotationActivities } from './proxies.ts';
import { wakeEntity } from './wake.ts';

const pauseSeconds = 5;

/** Looks of one run, so that its history stays short. */
const looksPerRun = 200;

export type RotateAuthorityInput = RotateAuthority & { carried?: { to: string; progress: RotationProgress } };

/**
 * Campaign: a new CA takes the place of an old one, stage by stage; reconcile does the work. Each stage is entered when the one before is
 * seen complete everywhere. What can't be done at the moment (Vault is sealed, a node is away) is waited for, and said. Started by
 * `cke-client certificates rotate-ca`, id `cluster/<name>/rotate/<authority>`. Cancelled, the cluster stays in its stage.
 */
export async function rotateAuthority({ carried, ...input }: RotateAuthorityInput): Promise<RotationProgress> {
  const { cluster, of, wish } = input;
  const place = { cluster, of };
  const wake = (because: string) => wakeEntity(cluster, because);
  const state: RotationProgress = carried?.progress ?? { stage: 'beginning', missing: [], more: 0 };
  // Never a name that was there before: what is pinned by name must not become something else.
  const to = carried?.to ?? `${of === tokenSigner ? 'key' : 'root'}-${wf.uuid4().slice(0, 8)}`;
  let wishes = 0;
  const tell = (next: Partial<RotationProgress>) => {
    Object.assign(state, next);
    wf.setCurrentDetails(describeRotation(place, state));
  };
  wf.setHandler(rotationProgress, () => state);
  wf.setHandler(directRotation, async (said) => {
    tell(fromRotation(await rotationActivities.directRotation({ ...place, ...said })));
    wishes += 1;
    return state;
  });
  tell({});
  if (state.stage === 'beginning') {
    const begin = () => rotationActivities.beginRotation({ ...place, ...wish, to });
    tell(fromRotation(await whenPossible(begin, (because) => tell({ missing: [because], more: 0 }))));
    await wakeEntity(cluster, `${wish.by} rotates ${of}`);
  }
  for (let looks = 0; looks < looksPerRun; looks += 1) {
    const seen = await tried(
      () => lookAtRotation(place, { activities: rotationActivities, wake }),
      (because) => tell({ missing: [because], more: 0 }),
    );
    if (seen?.state === 'over') {
      tell({ stage: 'done', missing: [], more: 0 });
      return state;
    }
    if (seen) tell({ ...(seen.rotation && fromRotation(seen.rotation)), missing: seen.missing, more: seen.more });
    const heard = wishes;
    if (seen?.state !== 'complete')
      await wf.condition(() => wishes > heard, pauseSeconds * 1000, { summary: 'reconcile is at work' });
  }
  await wf.condition(wf.allHandlersFinished);
  return wf.continueAsNew<typeof rotateAuthority>({ ...input, carried: { to, progress: state } });
}

function fromRotation({ stage, from, to, direction }: Rotation): Partial<RotationProgress> {
  return { stage, from, to, direction, missing: [], more: 0 };
}

/** What fails is said, and tried again at the next look: a rotation outlives whatever stands in its way. */
async function tried<T>(act: () => Promise<T>, say: (because: string) => void): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (wf.CancellationScope.current().consideredCancelled) throw error;
    const { message, fix } = complaintOf(error);
    say(fix === undefined ? message : `${message} (${fix})`);
    return undefined;
  }
}

/** Tries until it is done, or refused for good. */
async function whenPossible<T>(act: () => Promise<T>, say: (because: string) => void): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (wf.CancellationScope.current().consideredCancelled) throw error;
      const { message, remedy } = complaintOf(error);
      if (remedy === 'never') throw error;
      say(message);
      await wf.sleep(pauseSeconds * 1000, { summary: 'it can’t begin yet' });
    }
  }
}
