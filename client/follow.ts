import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { CkeError } from '../cluster/errors.ts';
import type { OperationReport } from '../cluster/plan.ts';
import type { ClusterStatus } from '../workflows/contracts.ts';
import { complaintOf, isPassing } from './failure.ts';
import type { Sample } from './phases.ts';
import { askRetries } from './retries.ts';
import { ProgressView } from './progress.ts';
import { askProgress, askStatus } from './requests.ts';
import { createSilence, lostText } from './silence.ts';

const EVERY_MS = 500;

export type Following =
  { ended: 'done'; report: OperationReport; took: number } | { ended: 'detached' } | { ended: 'lost' };

/**
 * Shows progress until the ticket is done. Ctrl-C only detaches. Servers that are away for a while are waited for, two minutes at
 * most: the work goes on without us.
 */
export async function follow(client: Client, cluster: string, ticket: number): Promise<Following> {
  const view = new ProgressView();
  const detach = new AbortController();
  const onInterrupt = () => detach.abort();
  process.once('SIGINT', onInterrupt);
  try {
    return await untilDone({ client, cluster, ticket, view, signal: detach.signal });
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}

interface FollowInput {
  client: Client;
  cluster: string;
  ticket: number;
  view: ProgressView;
  signal: AbortSignal;
}

async function untilDone({ client, cluster, ticket, view, signal }: FollowInput): Promise<Following> {
  let account: Account = {};
  const silence = createSilence();
  while (!signal.aborted) {
    const { sample, status } = await lookOnce(client, cluster);
    account = noted(account, status);
    if (status?.lastReport !== undefined && status.completedTicket >= ticket) {
      view.end();
      return { ended: 'done', report: withEarlier(account, status.lastReport), took: view.elapsed() };
    }
    view.show(sample);
    if (sample.seen !== 'silence') silence.heard();
    else if (silence.unheard() === 'give up') {
      view.say(lostText(cluster));
      return { ended: 'lost' };
    }
    await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  view.say(`Detached. The work goes on; look again with: cke-client status --watch --cluster ${cluster}`);
  return { ended: 'detached' };
}

/** Steps of the operations that ended while we followed, by when they ended; what had ended before is `old`. */
type Account = Record<string, 'old' | string[]>;

/**
 * Pure. An event, such as the new declaration itself, may have begun an operation before our ticket's turn came: what it did
 * belongs to what the person asked for.
 */
export function noted(
  account: Account,
  status: Pick<ClusterStatus, 'lastFinishedAt' | 'lastReport'> | undefined,
): Account {
  if (status === undefined) return account;
  const finishedAt = status.lastFinishedAt ?? 'never';
  if (finishedAt in account) return account;
  const first = Object.keys(account).length === 0;
  return { ...account, [finishedAt]: first ? 'old' : (status.lastReport?.done ?? []) };
}

/** Pure. The last report, with everything that was done on the way. */
export function withEarlier(account: Account, last: OperationReport): OperationReport {
  const told = Object.values(account).filter((done) => done !== 'old');
  return told.length === 0 ? last : { ...last, done: told.flat() };
}

async function lookOnce(client: Client, cluster: string): Promise<{ sample: Sample; status?: ClusterStatus }> {
  try {
    const [status, progress, retries] = await Promise.all([
      askStatus(client, cluster),
      askProgress(client, cluster),
      askRetries(client, cluster),
    ]);
    if (status === undefined) throw ended(cluster);
    const begun = status.state === 'reconciling' && progress !== undefined;
    return { status, sample: begun ? { seen: 'progress', progress, retries } : { seen: 'queued' } };
  } catch (error) {
    if (!isPassing(error)) throw error;
    return { sample: { seen: 'silence', because: complaintOf(error).message } };
  }
}

function ended(cluster: string): CkeError {
  return new CkeError({
    code: 'TemporalUnavailable',
    message: `${cluster}: its workflow does not run any longer; a person ended it in Temporal`,
    fix: `cke-client reconcile --wait --cluster ${cluster} (it starts a new one)`,
    remedy: 'never',
  });
}
