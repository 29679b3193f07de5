import { Command } from 'commander';
import { chosenCluster } from '../cluster-name.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { inSession, type Session } from '../session.ts';
import { tellEntity } from './pause.ts';

type ResumeOptions = ClusterOptions & OutputOptions;

/** `cke-client resume`: takes the pause away; the entity looks at once. */
export function resumeCommand(): Command {
  const command = new Command('resume')
    .description('take a pause away')
    .action((options: ResumeOptions) => inSession(options, (session) => resume(session, options)));
  return withExamples(withOutput(withCluster(command)), ['cke-client resume', 'cke-client resume --cluster prod']);
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
