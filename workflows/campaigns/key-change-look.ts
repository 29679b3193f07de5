import type { EncryptionActivities, KeyChangeLook } from '../../activities/contracts/campaigns.ts';
import type { KeyChangeStage } from '../../cluster/encryption/key-change.ts';

/** What the campaign that changes the key of Secrets acts through. The simulator passes activities of its own. */
export interface KeyChangeCampaign {
  activities: EncryptionActivities;
  /** Says how far it has come. */
  tell: (next: { stage?: KeyChangeStage | 'done'; because: string }) => void;
  /** Tells the entity that something is wanted now. */
  wake: (because: string) => Promise<void>;
}

/** How soon the next look is worth the while: API servers are being replaced, or people or servers are waited for. */
export type Pace = 'busy' | 'idle';

/** One look, and what it allows. Servers that are away are waited for: nothing here is given up. */
export async function lookAtKeyChange(cluster: string, campaign: KeyChangeCampaign): Promise<Pace> {
  const { activities, tell, wake } = campaign;
  const seen = await activities.advanceKeyChange({ cluster, secrets: 'unknown' });
  tell({ ...(seen.stage && { stage: seen.stage }), because: seen.because });
  if (seen.state === 'done') tell({ stage: 'done', because: seen.because });
  if (seen.state === 'moved') await wake(`key of Secrets: ${seen.because}`);
  return seen.stage === 'rewriting' ? rewriteAll({ cluster, look: seen }, campaign) : 'busy';
}

interface Rewriting {
  cluster: string;
  /** What was seen right before. */
  look: KeyChangeLook;
}

/** One pass over all Secrets. When it finds none of the old key, the API servers are looked at once more, and the old key may go. */
async function rewriteAll({ cluster, look }: Rewriting, { activities, tell, wake }: KeyChangeCampaign): Promise<Pace> {
  let pass = { cluster, looked: 0, rewritten: 0, after: undefined as string | undefined };
  do {
    const { after, ...input } = pass;
    const next = await activities.rewriteSecrets({ ...input, ...(after !== undefined && { after }) });
    pass = { ...next, after: next.after };
  } while (pass.after !== undefined);
  tell({ because: `${pass.looked} Secrets were looked at, ${pass.rewritten} were written anew` });
  // One that came back meanwhile may have written with the old key behind our back: only what all have seen counts as clean.
  if (pass.rewritten > 0) return 'busy';
  if (look.servers === 'open') {
    tell({ because: look.because });
    return look.state === 'moved' ? 'busy' : 'idle';
  }
  const seen = await activities.advanceKeyChange({ cluster, secrets: 'clean' });
  tell({ ...(seen.stage && { stage: seen.stage }), because: seen.because });
  if (seen.state === 'moved') await wake(`key of Secrets: ${seen.because}`);
  return seen.state === 'moved' ? 'busy' : 'idle';
}
