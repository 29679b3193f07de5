import process, { stderr } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import {
  rotateWorkflowId,
  renewalProgress,
  type RotateCertificates,
  type RenewalProgress,
} from '../../workflows/contracts.ts';
import { startCampaign } from '../campaign.ts';
import { certificateScope, withScope, type ScopeOptions } from '../certificate-scope.ts';
import { chosenCluster } from '../cluster-name.ts';
import type { ExitCode } from '../exit-codes.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { inSession, type Session } from '../session.ts';
import { demandWorker } from '../temporal.ts';
import { requestAndFollow } from './reconcile.ts';

type RotateOptions = ClusterOptions & OutputOptions & ScopeOptions;

const pollMilliseconds = 300;

/** `cke-client certificates rotate`: new certificates now, before it is time. Exit code as `reconcile --wait`. */
export function rotateCertificatesCommand(): Command {
  const command = new Command('rotate')
    .description('issue certificates anew: all, or those of a kind or of a node (with the others of their file sets)')
    .action(async (options: RotateOptions) => {
      process.exitCode = await inSession(options, (session) => rotate(session, options));
    });
  return withExamples(withOutput(withCluster(withScope(command))), [
    'cke-client certificates rotate',
    'cke-client certificates rotate --kind apiserver',
    'cke-client certificates rotate --node worker-1   # somebody has seen its disk',
  ]);
}

async function rotate(session: Session, options: RotateOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  const client = await session.temporal();
  await demandWorker(client);
  const scope = certificateScope(options);
  const by = operatorName();
  const handle = await startCampaign<RotateCertificates, RenewalProgress>(client, 'rotateCertificates', {
    cluster,
    workflowId: rotateWorkflowId(cluster, scope),
    input: { cluster, by, ...scope },
    summary: `rotate certificates of ${cluster}`,
  });
  for (;;) {
    const { stage, generation } = await handle.query(renewalProgress);
    if (stage !== 'asking') {
      stderr.write(`${cluster}: generation ${generation} is wanted\n`);
      break;
    }
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') await handle.result();
    await sleep(pollMilliseconds);
  }
  const request = { requestedBy: by, because: `${by} rotates certificates` };
  return requestAndFollow({ session, cluster, request, wait: 'wait', output: options.output });
}
