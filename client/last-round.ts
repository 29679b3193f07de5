import { stderr } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { ClusterStatus, OperationProgress } from '../workflows/contracts.ts';
import { complaintOf } from './failure.ts';
import { askProgress, askStatus } from './requests.ts';

const EVERY_MS = 500;

/** What is known of the running operation at one moment; undefined when none runs. */
export type Moment = { since: string; round: number; running: string[] } | undefined;

/** Whether what was decided before is known to be finished. */
export type LastRound = 'over' | 'unseen';

/**
 * Waits until nothing runs any more that was decided before a record was written, so that "nothing is begun" is true when it is said.
 * Ctrl-C ends the waiting only.
 */
export async function untilLastRoundIsOver(connect: () => Promise<Client>, cluster: string): Promise<LastRound> {
  try {
    const client = await connect();
    const first = await momentOf(client, cluster);
    for (let now = first, told = ''; mayRunStill(first, now); now = await momentOf(client, cluster)) {
      const what = now?.running.join(', ') ?? '';
      if (what !== '' && what !== told) stderr.write(`${cluster}: this is finished first: ${what}\n`);
      told = what || told;
      await sleep(EVERY_MS);
    }
    return 'over';
  } catch (error) {
    stderr.write(`whether something runs still could not be seen: ${complaintOf(error).message}\n`);
    return 'unseen';
  }
}

/**
 * Pure. The look after the one that is known may have begun before the record was written; the one after that has not, nor has any of
 * a later operation.
 */
export function mayRunStill(first: Moment, now: Moment): boolean {
  if (first === undefined || now === undefined || now.since !== first.since) return false;
  return now.round < first.round + 2;
}

async function momentOf(client: Client, cluster: string): Promise<Moment> {
  const status = await askStatus(client, cluster);
  if (status?.state !== 'reconciling') return undefined;
  return moment(status, await askProgress(client, cluster));
}

function moment({ runningSince = '' }: ClusterStatus, progress: OperationProgress | undefined): Moment {
  const { round = 0, running = [] } = progress ?? {};
  return { since: runningSince, round, running: running.map(({ step }) => step) };
}
