import * as wf from '@temporalio/workflow';
import { renewalProgress, type RotateCertificates, type RenewalProgress } from './contracts.ts';
import { lookingActivities } from './proxies.ts';
import { wakeEntity } from './wake.ts';

const pauseSeconds = 5;

/** Looks of one run, so that its history stays short. */
const looksPerRun = 200;

export type RotateCertificatesInput = RotateCertificates & { carried?: RenewalProgress };

/**
 * Campaign: certificates are issued anew before their time. It writes the wanted generation down and waits until every node has it;
 * reconcile does it, by the steps and in the order of any renewal, and a node that can't be reached is waited for. Started by
 * `cke-client certificates rotate`, id `cluster/<name>/certificates/<kind or all>[@node]`. Cancelled after it has been written down
 * only the waiting ends.
 */
export async function rotateCertificates({ carried, ...input }: RotateCertificatesInput): Promise<RenewalProgress> {
  const { cluster, by, kind, node } = input;
  const scope = { ...(kind && { kind }), ...(node !== undefined && { node }) };
  const what = `${kind ?? 'all'} certificates${node === undefined ? '' : ` of ${node}`}`;
  const state: RenewalProgress = carried ?? { stage: 'asking', because: `${by} asked` };
  wf.setHandler(renewalProgress, () => state);
  const tell = (next: RenewalProgress) => {
    Object.assign(state, next);
    wf.setCurrentDetails(`**${cluster}**: rotate ${what} · ${state.stage}: ${state.because}`);
  };
  tell(state);
  if (state.generation === undefined) {
    const { firstExecutionRunId: id } = wf.workflowInfo();
    const { generation } = await lookingActivities.askForRenewal({ cluster, by, id, ...scope });
    tell({ stage: 'reconciling', because: 'the wish is written down', generation });
    await wakeEntity(cluster, `${by} rotates ${what}`);
  }
  const { generation = 1 } = state;
  for (let look = 0; look < looksPerRun; look += 1) {
    const seen = await lookingActivities.lookAtRenewal({ cluster, generation, ...scope });
    tell({ ...state, stage: seen.state === 'done' ? 'done' : 'reconciling', because: seen.because });
    if (seen.state === 'done') return state;
    await wf.sleep(pauseSeconds * 1000, { summary: 'reconcile is at work' });
  }
  return wf.continueAsNew<typeof rotateCertificates>({ ...input, carried: state });
}
