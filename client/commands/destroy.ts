import process, { stderr } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { QueryRejectedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Destruction } from '../../cluster/destruction.ts';
import { CkeError } from '../../cluster/errors.ts';
import { about } from '../../workflows/about.ts';
import {
  destroyWorkflowId,
  destructionProgress,
  type DestroyCluster,
  type DestructionProgress,
} from '../../workflows/contracts.ts';
import { startCampaign, type CampaignHandle } from '../campaign.ts';
import { knownCluster } from '../cluster-name.ts';
import { destroyedText, freshLines } from '../destruction-text.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { isPassing } from '../failure.ts';
import { interruption } from '../interrupt.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { inSession, type Session } from '../session.ts';
import { createSilence, lostText } from '../silence.ts';
import { demandWorker } from '../temporal.ts';
import { demandTypedName } from '../typed-name.ts';

type DestroyOptions = ClusterOptions & OutputOptions & { confirm?: string; purge?: true };

const pollMilliseconds = 500;

/** `cke-client destroy`: takes a whole cluster apart. Exit code 0 all nodes clean, 3 some were left, 4 and 130 it goes on alone. */
export function destroyCommand(): Command {
  const command = new Command('destroy')
    .description('take the whole cluster off its nodes; nothing of it runs after that')
    .option('--confirm <name>', "the cluster's name, for scripts: otherwise it is asked for and has to be typed")
    .option('--purge', "delete etcd's data at once, instead of keeping them in the trash of each control plane")
    .action(async (options: DestroyOptions) => {
      process.exitCode = await inSession(options, (session) => destroy(session, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client destroy --cluster staging',
    'cke-client destroy --cluster staging --confirm staging',
  ]);
}

async function destroy(session: Session, options: DestroyOptions): Promise<ExitCode> {
  const { cluster, destruction } = await knownCluster(session, options);
  demandSomethingLeft(cluster, destruction);
  if (destruction === undefined || destruction.finishedAt !== undefined)
    await demandTypedName(cluster, options.confirm, goes(cluster));
  const client = await session.temporal();
  await demandWorker(client);
  const order: DestroyCluster = { cluster, by: operatorName(), data: options.purge ? 'purge' : 'trash' };
  const handle: Handle = await startCampaign(client, 'destroyCluster', {
    cluster,
    workflowId: destroyWorkflowId(cluster),
    input: order,
    summary: `destroy ${cluster}`,
    details: about.destroy,
  });
  return follow(cluster, handle, options);
}

const goes = (cluster: string) => ({
  question: `Every container and every file of ours goes from all nodes of ${cluster}.`,
  only: 'destroyed',
});

function demandSomethingLeft(cluster: string, destruction: Destruction | undefined): void {
  if (destruction?.finishedAt === undefined || destruction.left?.length) return;
  throw new CkeError({
    code: 'ClusterDestroyed',
    message: `${cluster} was destroyed by ${destruction.by}, at ${destruction.finishedAt}: nothing of it is left`,
    fix: 'cke-client apply cluster.yaml builds a new one',
    remedy: 'never',
  });
}

type Handle = CampaignHandle<DestroyCluster, DestructionProgress>;

/** Ctrl-C only detaches; servers that are away for a while are waited for. */
async function follow(cluster: string, handle: Handle, { output }: DestroyOptions): Promise<ExitCode> {
  const detached = interruption();
  const silence = createSilence();
  let seen: DestructionProgress | undefined;
  while (!detached.aborted) {
    try {
      const now = await lookOnce(handle);
      silence.heard();
      for (const line of freshLines(seen, now)) stderr.write(`${line}\n`);
      seen = now;
      if (now.stage === 'done') {
        print({ data: { cluster, ...now }, format: output, asText: (data) => destroyedText(cluster, data) });
        return now.left.length === 0 ? exitCodes.ok : exitCodes.attention;
      }
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (silence.unheard() === 'give up') {
        stderr.write(`${lostText(cluster)}\n`);
        return exitCodes.lost;
      }
    }
    await sleep(pollMilliseconds, undefined, { signal: detached }).catch(() => undefined);
  }
  stderr.write(`Detached. The work goes on; look again with: cke-client destroy --cluster ${cluster}\n`);
  return exitCodes.detached;
}

/** How far it is; the result when it has ended. */
async function lookOnce(handle: Handle): Promise<DestructionProgress> {
  try {
    return await handle.query(destructionProgress);
  } catch (error) {
    if (error instanceof QueryRejectedError || error instanceof WorkflowNotFoundError) return handle.result();
    throw error;
  }
}
