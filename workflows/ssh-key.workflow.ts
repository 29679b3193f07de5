import type { ServerOutcome } from '../activities/contracts/access.ts';
import { mapBounded } from './bounded.ts';
import { complaintOf } from './failures.ts';
import { sshKeyActivities } from './proxies.ts';

/** Servers that are changed at the same time. */
const lanes = 20;

/**
 * The servers' part of another SSH key: the new one is added and tried, or the old one is taken out. Started by `cke-client ssh
 * rotate-key`, once for each; ends with what became of each server. One that does not answer holds up no other.
 */
export async function sshKeyWorkflow({ cluster, change }: ChangeSshKey): Promise<ServerOutcome[]> {
  const { servers, own } = await sshKeyActivities.serversOfSshKey({ cluster });
  const outcomes: ServerOutcome[] = own.map((server) => ({ server, state: 'has a key of its own' }));
  await mapBounded(servers, lanes, async (server) => {
    try {
      if (change === 'authorise') await sshKeyActivities.authoriseNextKey({ cluster, node: server });
      else await sshKeyActivities.withdrawPreviousKey({ cluster, node: server });
      outcomes.push({ server, state: 'done' });
    } catch (error) {
      outcomes.push({ server, state: 'failed', because: complaintOf(error).message });
    }
  });
  return outcomes;
}

export interface ChangeSshKey {
  cluster: string;
  change: 'authorise' | 'withdraw';
}
