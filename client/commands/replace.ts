import process, { stderr } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { problemText } from '../../cluster/declaration/problem-text.ts';
import { replaceNodeText } from '../../cluster/declaration/replace-node.ts';
import { CkeError } from '../../cluster/errors.ts';
import {
  replaceWorkflowId,
  replacementProgress,
  type ReplaceNode,
  type ReplacementProgress,
} from '../../workflows/contracts.ts';
import { startCampaign } from '../campaign.ts';
import { changeProblems } from '../change-rules.ts';
import { chosenCluster } from '../cluster-name.ts';
import type { ExitCode } from '../exit-codes.ts';
import { isPassing } from '../failure.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { inSession, type Session } from '../session.ts';
import { accepted } from './apply.ts';
import { requestAndFollow } from './reconcile.ts';

type ReplaceOptions = ClusterOptions & OutputOptions & { with: string; hostname?: string; user?: string };

const pollMilliseconds = 500;

/** `cke-client replace OLD --with ADDRESS`: another machine takes the place of a node. Exit code as `reconcile --wait`. */
export function replaceCommand(): Command {
  const command = new Command('replace')
    .description('put another machine in the place of a node, dead or alive')
    .argument('<old>', 'name of the node that goes')
    .requiredOption('--with <address>', 'IP address of the machine that comes')
    .option('--hostname <name>', 'its Kubernetes node name; the address when left out')
    .option('--user <name>', 'its SSH user; that of the old node when left out')
    .action(async (old: string, options: ReplaceOptions) => {
      process.exitCode = await inSession(options, (session) => replace(session, old, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client replace cp-2 --with 10.0.0.17 --hostname cp-7',
    'temporal workflow cancel --workflow-id cluster/prod/replace/cp-2   # before the declaration is accepted',
  ]);
}

async function replace(session: Session, old: string, options: ReplaceOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  const client = await session.temporal();
  const input = await judged(session, { cluster, old, options });
  const { replacement, by } = input;
  const handle = await startCampaign<ReplaceNode, ReplacementProgress>(client, 'replaceNode', {
    cluster,
    workflowId: replaceWorkflowId(cluster, old),
    input,
    summary: `replace ${old} with ${replacement}`,
  });
  for (;;) {
    const { stage = 'checking', revision } = await unlessSilent(handle.query(replacementProgress));
    if (stage !== 'checking') {
      stderr.write(`${cluster}: ${replacement} takes the place of ${old}, declaration revision ${revision}\n`);
      stderr.write(`${cluster}: change your own file in the same way, or its next apply takes this back\n`);
      break;
    }
    const { status } = await unlessSilent(handle.describe());
    if (status !== undefined && status.name !== 'RUNNING') await handle.result();
    await sleep(pollMilliseconds);
  }
  const request = { requestedBy: by, because: `${by} replaces ${old} with ${replacement}` };
  return requestAndFollow({ session, cluster, request, wait: 'wait', output: options.output });
}

/** A worker that has just died, or a server that is away for a moment, is waited for: the campaign goes on without us. */
async function unlessSilent<T>(answer: Promise<T>): Promise<Partial<T>> {
  try {
    return await answer;
  } catch (error) {
    if (!isPassing(error)) throw error;
    return {};
  }
}

/** What is to be accepted, once nothing speaks against it. @throws CkeError DeclarationRefused with every problem */
async function judged(
  session: Session,
  { cluster, old, options }: { cluster: string; old: string; options: ReplaceOptions },
): Promise<ReplaceNode> {
  const before = await session.store().declarations.get(cluster, 'latest');
  if (before === undefined)
    throw new CkeError({ code: 'DeclarationMissing', message: `${cluster} has no declaration yet`, remedy: 'never' });
  const { hostname, user, with: address } = options;
  const change = {
    text: before.text,
    old,
    address,
    ...(hostname !== undefined && { hostname }),
    ...(user !== undefined && { user }),
  };
  const text = replaceNodeText(change);
  const file = 'the changed declaration';
  const [is, wished] = [accepted(before.text, 'the accepted declaration'), accepted(text, file)];
  const problems = await changeProblems(session, { accepted: is, wished });
  if (problems.length > 0)
    throw new CkeError({
      code: 'DeclarationRefused',
      message: [`${old} is not replaced`, ...problems.map((problem) => problemText(problem, file))].join('\n\n'),
      fix: 'nothing was changed; cke-client status shows the members',
      remedy: 'never',
    });
  return { cluster, old, replacement: hostname ?? address, text, baseRevision: before.revision, by: operatorName() };
}
