import * as wf from '@temporalio/workflow';
import { lookAtKeyChange } from './campaigns/key-change-look.ts';
import { keyChangeProgress, type KeyChangeProgress } from './contracts.ts';
import { complaintOf } from './failures.ts';
import { rotationActivities } from './proxies.ts';
import { wakeEntity } from './wake.ts';

/** Looks of one run, so that its history stays short. */
const looksPerRun = 150;

/** Between looks: while API servers are replaced, and while people or servers are waited for. */
const [busySeconds, idleSeconds] = [2, 10];

export interface ChangeSecretsKey {
  cluster: string;
  by: string;
  carried?: KeyChangeProgress;
}

/**
 * Campaign: Secrets are written with another key, or provider. It moves the record of encryption from stage to stage, each time the
 * one before is seen complete, and has the stored Secrets written anew in between; reconcile replaces the API servers. Started by
 * `cke-client secrets rotate-key`, id `cluster/<name>/secrets-key`; ends when the old key is dropped. It survives everything but a
 * terminate, after which the same command goes on where the record stands.
 */
export async function changeSecretsKey({ cluster, by, carried }: ChangeSecretsKey): Promise<KeyChangeProgress> {
  const state: KeyChangeProgress = carried ?? { stage: 'beginning', because: `${by} asked` };
  wf.setHandler(keyChangeProgress, () => state);
  const tell = (next: Partial<KeyChangeProgress>) => {
    Object.assign(state, next);
    wf.setCurrentDetails(`**${cluster}**: ${state.change ?? 'key of Secrets'} · ${state.stage}: ${state.because}`);
  };
  while (state.stage === 'beginning') await begin({ cluster, by }, tell);
  for (let look = 0; look < looksPerRun; look += 1) {
    const seconds = await oneLook(cluster, tell);
    if (state.stage === 'done') return state;
    await wf.sleep(seconds * 1000);
  }
  return wf.continueAsNew<typeof changeSecretsKey>({ cluster, by, carried: state });
}

type Tell = (next: Partial<KeyChangeProgress>) => void;

/** @throws ActivityFailure when a person has to do something first: then nothing has begun */
async function begin({ cluster, by }: ChangeSecretsKey, tell: Tell): Promise<void> {
  try {
    const { change } = await rotationActivities.beginKeyChange({ cluster, by });
    tell({ change, stage: 'adding', because: 'the key is made' });
    await wakeEntity(cluster, `${by} changes the key of Secrets`);
  } catch (error) {
    const { message, remedy } = complaintOf(error);
    if (wf.isCancellation(error) || remedy === 'never') throw error;
    tell({ because: message });
    await wf.sleep(idleSeconds * 1000);
  }
}

/** One look, and what it allows; seconds until the next. */
async function oneLook(cluster: string, tell: Tell): Promise<number> {
  const wake = (because: string) => wakeEntity(cluster, because);
  try {
    const pace = await lookAtKeyChange(cluster, { activities: rotationActivities, tell, wake });
    return pace === 'busy' ? busySeconds : idleSeconds;
  } catch (error) {
    if (wf.isCancellation(error)) throw error;
    tell({ because: complaintOf(error).message });
    return idleSeconds;
  }
}
