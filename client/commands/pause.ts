import { Command } from 'commander';
import type { Pause } from '../../activities/store/pause.ts';
import { chosenCluster } from '../cluster-name.ts';
import { complaintOf } from '../failure.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { wakeCluster } from '../requests.ts';
import { inSession, type Session } from '../session.ts';

type PauseOptions = ClusterOptions & OutputOptions & { reason: string };

/** `cke-client pause`: nothing is changed on the cluster until `resume`; a record that outlives every workflow. */
export function pauseCommand(): Command {
  const command = new Command('pause')
    .description('change nothing on the cluster until resume; looking goes on')
    .requiredOption('-r, --reason <text>', 'for those who find it paused')
    .action((options: PauseOptions) => inSession(options, (session) => pause(session, options)));
  return withExamples(withOutput(withCluster(command)), [
    'cke-client pause --reason "storage maintenance until 14:00"',
  ]);
}

async function pause(session: Session, options: PauseOptions): Promise<void> {
  const cluster = await chosenCluster(session, options);
  const by = operatorName();
  const standing = await session.store().pauses.set(cluster, { by, because: options.reason });
  await tellEntity(session, cluster, `${by} paused it`);
  print({ data: { cluster, ...standing }, format: options.output, asText: (data) => pauseText(data, by) });
}

/** The record is what counts: it is read before each round, whether or not the entity hears of it now. */
export async function tellEntity(session: Session, cluster: string, because: string): Promise<void> {
  try {
    await wakeCluster(await session.temporal(), cluster, because);
  } catch (error) {
    process.stderr.write(`recorded, but not announced at once: ${complaintOf(error).message}\n`);
  }
}

export function pauseText({ cluster, by, because, at }: Pause & { cluster: string }, asker: string): string {
  const what = by === asker ? 'paused' : `already paused by ${by}`;
  return `${cluster}: ${what} (${because}, ${at}).\nSteps that run are finished; nothing new is begun. Next: cke-client resume --cluster ${cluster}`;
}
