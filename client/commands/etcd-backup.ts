import process, { stderr } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { Command } from 'commander';
import type { BackupOutcome } from '../../activities/contracts/operations.ts';
import { describeBackup } from '../../cluster/etcd/backup.ts';
import { about } from '../../workflows/about.ts';
import { backupWorkflowId } from '../../workflows/contracts.ts';
import { startCampaign } from '../campaign.ts';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { inClear } from '../failures-in-clear.ts';
import { interruption } from '../interrupt.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { retriesOf, retryText } from '../retries.ts';
import { inSession, type Session } from '../session.ts';
import { demandWorker } from '../temporal.ts';

type BackupOptions = ClusterOptions & OutputOptions;

const pollMilliseconds = 1000;

/** `cke-client etcd backup`: what the schedule does, at once. Runs until it is done, also when nobody watches. */
export function etcdBackupCommand(): Command {
  const command = new Command('backup')
    .description('take a snapshot of etcd now, verify it, and keep it where the declaration says')
    .action(async (options: BackupOptions) => {
      process.exitCode = await inSession(options, (session) => backUp(session, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client etcd backup',
    "cke-client etcd backup --output json | jq -r '.backup.place'",
  ]);
}

async function backUp(session: Session, options: BackupOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  const client = await session.temporal();
  await demandWorker(client);
  const handle = await startCampaign<{ cluster: string }, BackupOutcome>(client, 'backUpEtcd', {
    cluster,
    workflowId: backupWorkflowId(cluster),
    input: { cluster },
    summary: `${cluster}: a snapshot of etcd`,
    details: about.backup,
  });
  if ((await watched(client, handle)) === 'detached') return exitCodes.detached;
  const outcome = await handle.result();
  const asText = (ended: BackupOutcome) =>
    ended.outcome === 'kept'
      ? `${cluster}: etcd is backed up: ${describeBackup(ended.backup)}`
      : `${cluster}: there is no etcd yet`;
  print({ data: outcome, format: options.output, asText });
  return outcome.outcome === 'kept' ? exitCodes.ok : exitCodes.attention;
}

/** Tells what is tried again, until it has ended; Ctrl-C only detaches. */
async function watched(client: Client, handle: WorkflowHandle): Promise<'ended' | 'detached'> {
  const detached = interruption();
  let told = '';
  for (;;) {
    const { status, raw } = await handle.describe();
    if (status.name !== 'RUNNING') return 'ended';
    const text = retriesOf(await inClear(client, raw.pendingActivities ?? []))
      .map(({ attempts: _attempts, ...retry }) => retryText({ ...retry, attempts: 1 }))
      .join('\n');
    if (text !== told) stderr.write(`being tried again: ${text}\n`);
    told = text;
    await sleep(pollMilliseconds, undefined, { signal: detached }).catch(() => undefined);
    if (detached.aborted) {
      stderr.write('detached; the backup goes on. What becomes of it: cke-client etcd backups\n');
      return 'detached';
    }
  }
}
