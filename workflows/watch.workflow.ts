import * as wf from '@temporalio/workflow';
import type { WatchActivities, WatchBegun } from '../activities/contracts/operations.ts';

/** One attempt watches for a day at most; a worker that dies is replaced by another within the heartbeat timeout. */
const { watchCluster } = wf.proxyActivities<WatchActivities>({
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 1.5, maximumInterval: '15 seconds' },
});

/** Keeps one activity alive that follows the cluster's events and wakes its entity. Id `cluster/<name>/watch`; never ends by itself. */
export async function watch({ cluster, begun = 'at first' }: { cluster: string; begun?: WatchBegun }): Promise<void> {
  wf.setCurrentDetails(`follows the Docker events of every node of **${cluster}**, and its records`);
  await watchCluster({ cluster, begun });
  await wf.continueAsNew<typeof watch>({ cluster, begun: 'again' });
}
