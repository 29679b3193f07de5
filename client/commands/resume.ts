import { Command } from 'commander';
import { chosenCluster } from '../cluster-name.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { inSession, type Session } from '../session.ts';
import { tellEntity } from './pause.ts';

type ResumeOptions = ClusterOptions & OutputOptions & { node?: string };

/** `cke-client resume`: takes the pause away; the entity looks at once. */
export function resumeCommand(): Command {
  const command = new Command('resume')
    .description('take a pause away')
    .option('--node <name>', 'give this node back to reconcile')
    .action((options: ResumeOptions) =>
      inSession(options, (session) =>
        options.node === undefined ? resume(session, options) : giveBack(session, { ...options, node: options.node }),
      ),
    );
  return withExamples(withOutput(withCluster(command)), [
    'cke-client resume',
    'cke-client resume --cluster prod',
    'cke-client resume --node worker-3',
  ]);
}

async function resume(session: Session, options: ResumeOptions): Promise<void> {
  const cluster = await chosenCluster(session, options);
  const store = session.store();
  const standing = await store.pauses.get(cluster);
  await store.pauses.clear(cluster);
  if (standing !== undefined) await tellEntity(session, cluster, `${operatorName()} resumed it`);
  const asText = () =>
    standing === undefined
      ? `${cluster}: it was not paused.`
      : `${cluster}: resumed (it was paused by ${standing.by}: ${standing.because}).\nNext: cke-client status --watch --cluster ${cluster}`;
  print({ data: { cluster, ...(standing && { was: standing }) }, format: options.output, asText });
}

async function giveBack(session: Session, options: ResumeOptions & { node: string }): Promise<void> {
  const cluster = await chosenCluster(session, options);
  const { node } = options;
  const was = await session.store().leases.release(cluster, node);
  if (was !== undefined) await tellEntity(session, cluster, `${operatorName()} gave ${node} back`);
  const asText = () =>
    was === undefined
      ? `${node} was in nobody's hands.`
      : `${node} is reconciled again (${was.holder} had it: ${was.because}).\nNext: cke-client status --watch --cluster ${cluster}`;
  print({ data: { cluster, node, ...(was && { was }) }, format: options.output, asText });
}
