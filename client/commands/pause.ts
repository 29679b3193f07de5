import { Command } from 'commander';
import type { Pause } from '../../activities/store/pause.ts';
import { chosenCluster } from '../cluster-name.ts';
import { declaredNode } from '../declared-node.ts';
import { complaintOf } from '../failure.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { type LastRound, untilLastRoundIsOver } from '../last-round.ts';
import { wakeCluster } from '../requests.ts';
import { inSession, type Session } from '../session.ts';
import { acceptedDeclaration } from './kubeconfig.ts';

type PauseOptions = ClusterOptions & OutputOptions & { reason: string; node?: string; wait: boolean };

/** `cke-client pause`: nothing is changed on the cluster until `resume`; a record that outlives every workflow. */
export function pauseCommand(): Command {
  const command = new Command('pause')
    .description('change nothing on the cluster until resume; looking goes on')
    .requiredOption('-r, --reason <text>', 'for those who find it paused')
    .option('--node <name>', 'leave this node alone only: you work on it; the rest goes on')
    .option('--no-wait', 'return before the steps that run are finished')
    .action((options: PauseOptions) =>
      inSession(options, (session) =>
        options.node === undefined ? pause(session, options) : lease(session, { ...options, node: options.node }),
      ),
    );
  return withExamples(withOutput(withCluster(command)), [
    'cke-client pause --reason "storage maintenance until 14:00"',
    'cke-client pause --node worker-3 --reason "a new disk"',
  ]);
}

async function pause(session: Session, options: PauseOptions): Promise<void> {
  const cluster = await chosenCluster(session, options);
  const by = operatorName();
  const standing = await session.store().pauses.set(cluster, { by, because: options.reason });
  await tellEntity(session, cluster, `${by} paused it`);
  const earlier = await earlierSteps(session, cluster, options);
  const asText = (data: Pause & { cluster: string }) =>
    `${pauseText(data, by)}: ${nothingBegins[earlier]}.\nNext: cke-client resume --cluster ${cluster}`;
  print({ data: { cluster, ...standing }, format: options.output, asText });
}

/** One node is in a person's hands: a lease. A control plane among them keeps the others from being changed, too. */
async function lease(session: Session, options: PauseOptions & { node: string }): Promise<void> {
  const cluster = await chosenCluster(session, options);
  const { node, reason: because } = options;
  declaredNode(await acceptedDeclaration(session, cluster), node);
  const standing = await session.store().leases.grant(cluster, node, { holder: operatorName(), because });
  await tellEntity(session, cluster, `${standing.holder} works on ${node}`);
  const earlier = await earlierSteps(session, cluster, options);
  const asText = () =>
    `${node} is yours: ${nothingBegins[earlier]}.\nNext: cke-client resume --node ${node} --cluster ${cluster}`;
  print({ data: { cluster, node, ...standing }, format: options.output, asText });
}

/** The record is what counts: it is read before each round, whether or not the entity hears of it now. */
export async function tellEntity(session: Session, cluster: string, because: string): Promise<void> {
  try {
    await wakeCluster(await session.temporal(), cluster, because);
  } catch (error) {
    process.stderr.write(`recorded, but not announced at once: ${complaintOf(error).message}\n`);
  }
}

function pauseText({ cluster, by, because, at }: Pause & { cluster: string }, asker: string): string {
  const what = by === asker ? 'paused' : `already paused by ${by}`;
  return `${cluster}: ${what} (${because}, ${at})`;
}

const nothingBegins = {
  over: 'nothing is begun, and nothing runs that was begun before',
  unseen: 'nothing new is begun; what runs is finished',
};

async function earlierSteps(session: Session, cluster: string, { wait }: PauseOptions): Promise<LastRound> {
  return wait ? untilLastRoundIsOver(() => session.temporal(), cluster) : 'unseen';
}
