import process, { stderr } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { WorkflowHandle } from '@temporalio/client';
import type { EncryptionRecord } from '../../cluster/encryption/key-change.ts';
import { keyChangeProgress, keyChangeWorkflowId, type KeyChangeProgress } from '../../workflows/contracts.ts';
import { startCampaign } from '../campaign.ts';
import { chosenCluster } from '../cluster-name.ts';
import { howWritten, stageLine } from '../encryption-text.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { interruption } from '../interrupt.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { inSession, type Session } from '../session.ts';
import { demandWorker } from '../temporal.ts';

type SecretsOptions = ClusterOptions & OutputOptions;
type RotateOptions = SecretsOptions & { wait: boolean };

const pollMilliseconds = 1000;

/** `cke-client secrets …`: how Secrets are encrypted in etcd. */
export function secretsCommand(): Command {
  const command = new Command('secrets').description('the encryption of Secrets in etcd');
  command.addCommand(rotateKeyCommand());
  command.addCommand(secretsStatusCommand());
  return command;
}

/**
 * `cke-client secrets rotate-key`: Secrets get a new key, of the declared provider. Runs until the old key is dropped, also when nobody
 * watches; repeated, it is watched again.
 */
function rotateKeyCommand(): Command {
  const command = new Command('rotate-key')
    .description('give Secrets a new key, or the provider that is declared: nothing is unreadable meanwhile')
    .option('--no-wait', 'begin only, and do not watch')
    .action(async (options: RotateOptions) => {
      process.exitCode = await inSession(options, (session) => rotateKey(session, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client secrets rotate-key',
    'cke-client secrets rotate-key --no-wait && cke-client secrets status',
  ]);
}

/** `cke-client secrets status`: from the record, also while Temporal, Vault or the cluster are away. */
function secretsStatusCommand(): Command {
  const command = new Command('status')
    .description('with which key Secrets are written, and how far a change has come')
    .action(async (options: SecretsOptions) => {
      await inSession(options, (session) => showStatus(session, options));
    });
  return withExamples(withOutput(withCluster(command)), ['cke-client secrets status --output json']);
}

interface SecretsSituation {
  cluster: string;
  encryption?: EncryptionRecord;
  /** What the change waits for; absent when none runs, or nobody can be asked. */
  because?: string;
}

async function showStatus(session: Session, options: SecretsOptions): Promise<void> {
  const cluster = await chosenCluster(session, options);
  print({ data: await situationOf(session, cluster), format: options.output, asText });
}

async function situationOf(session: Session, cluster: string): Promise<SecretsSituation> {
  const encryption = (await session.store().encryption.get(cluster))?.value;
  const because = encryption?.change === undefined ? undefined : await askBecause(session, cluster);
  return { cluster, ...(encryption && { encryption }), ...(because !== undefined && { because }) };
}

/** A worker that is away can't answer: the record tells the rest. */
async function askBecause(session: Session, cluster: string): Promise<string | undefined> {
  try {
    const client = await session.temporal();
    const handle = client.workflow.getHandle(keyChangeWorkflowId(cluster));
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return 'its workflow does not run: cke-client secrets rotate-key goes on with it';
    return (await askProgress(handle)).because;
  } catch {
    return undefined;
  }
}

function asText({ cluster, encryption, because }: SecretsSituation): string {
  if (encryption === undefined)
    return `${cluster}: Secrets are written with the key of cke-client init; it was never changed.`;
  const { change } = encryption;
  if (change === undefined) return `${cluster}: Secrets are ${howWritten(encryption)}.`;
  const lines = [`${cluster}: ${encryption.settled.join(', ')} → ${change.to}, since ${change.since}, by ${change.by}`];
  lines.push(`stage      ${stageLine(change)}`);
  if (because !== undefined) lines.push(`waits for  ${because}`);
  return lines.join('\n');
}

async function rotateKey(session: Session, options: RotateOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  const client = await session.temporal();
  await demandWorker(client);
  const handle = await startCampaign(client, 'changeSecretsKey', {
    cluster,
    workflowId: keyChangeWorkflowId(cluster),
    input: { cluster, by: operatorName() },
    summary: `${cluster}: another key for Secrets`,
  });
  const ended = options.wait ? await watched(session, { cluster, handle }) : await begun(handle);
  print({ data: await situationOf(session, cluster), format: options.output, asText });
  return ended;
}

/** Until the change is on record: from then on it goes on by itself. */
async function begun(handle: WorkflowHandle): Promise<ExitCode> {
  while ((await askProgress(handle)).stage === 'beginning') {
    await demandRunning(handle);
    await sleep(pollMilliseconds);
  }
  return exitCodes.ok;
}

/** Tells each stage and what it waits for, until the change is done; Ctrl-C only detaches. */
async function watched(
  session: Session,
  { cluster, handle }: { cluster: string; handle: WorkflowHandle },
): Promise<ExitCode> {
  const detached = interruption();
  let told = '';
  while (!detached.aborted) {
    if ((await demandRunning(handle)) === 'completed') return exitCodes.ok;
    const { encryption, because } = await situationOf(session, cluster);
    const stage = encryption?.change === undefined ? 'beginning' : stageLine(encryption.change);
    const line = because === undefined || stage.includes(because) ? stage : `${stage} (${because})`;
    if (line !== told) stderr.write(`${line}\n`);
    told = line;
    await sleep(pollMilliseconds, undefined, { signal: detached }).catch(() => undefined);
  }
  stderr.write(`Detached. It goes on; look again with: cke-client secrets status --cluster ${cluster}\n`);
  return exitCodes.detached;
}

const askProgress = (handle: Pick<WorkflowHandle, 'query'>): Promise<KeyChangeProgress> =>
  handle.query(keyChangeProgress);

/** @throws what the campaign failed with */
async function demandRunning(handle: WorkflowHandle): Promise<'running' | 'completed'> {
  const { status } = await handle.describe();
  if (status.name === 'RUNNING') return 'running';
  await handle.result();
  return 'completed';
}
