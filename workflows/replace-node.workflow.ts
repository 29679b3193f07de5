import * as wf from '@temporalio/workflow';
import { replacementProgress, type ReplacementProgress, type ReplaceNode } from './contracts.ts';
import { lookingActivities } from './proxies.ts';
import { wakeEntity } from './wake.ts';

const pauseSeconds = 5;

/** Looks of one run, so that its history stays short. */
const looksPerRun = 200;

export type ReplaceNodeInput = ReplaceNode & { carried?: ReplacementProgress };

/**
 * Campaign: another machine takes the place of a node. It changes the declaration and waits until reconcile has converged; the new
 * member comes before the old one goes, or, where that one is dead, after it. Started by `cke-client replace`, id
 * `cluster/<name>/replace/<node>`. Cancelled before the declaration is accepted, nothing was changed; after that only the waiting
 * ends: whoever wants the old node back declares it.
 */
export async function replaceNode({ carried, ...input }: ReplaceNodeInput): Promise<ReplacementProgress> {
  const { cluster, old, replacement, by } = input;
  const state: ReplacementProgress = carried ?? { stage: 'checking', because: `${by} asked` };
  wf.setHandler(replacementProgress, () => state);
  const tell = (next: ReplacementProgress) => {
    Object.assign(state, next);
    wf.setCurrentDetails(`**${cluster}**: ${replacement} takes the place of ${old} · ${state.stage}: ${state.because}`);
  };
  tell(state);
  if (state.stage === 'checking') {
    // The point of no return: from here on it is what is wanted.
    const { revision } = await lookingActivities.acceptDeclaration(input);
    tell({ stage: 'reconciling', because: 'the declaration is accepted', revision });
    await wakeEntity(cluster, `${by} replaces ${old} with ${replacement}`);
  }
  for (let look = 0; look < looksPerRun; look += 1) {
    const seen = await lookingActivities.lookAtReplacement({ cluster, old, replacement });
    tell({ ...state, stage: seen.state === 'done' ? 'done' : 'reconciling', because: seen.because });
    if (seen.state === 'done') return state;
    await wf.sleep(pauseSeconds * 1000, { summary: 'reconcile is at work' });
  }
  return wf.continueAsNew<typeof replaceNode>({ ...input, carried: state });
}
