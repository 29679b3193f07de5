import { createHash } from 'node:crypto';
import process, { stderr } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueryRejectedError, type WorkflowHandle } from '@temporalio/client';
import { Command } from 'commander';
import { canonicalJson } from '../../cluster/canonical.ts';
import { CkeError } from '../../cluster/errors.ts';
import { imagesProgress, type ImagesProgress, imagesWorkflowId, type PullImages } from '../../workflows/contracts.ts';
import { startCampaign } from '../campaign.ts';
import { chosenCluster } from '../cluster-name.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { interruption } from '../interrupt.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { count, print } from '../output.ts';
import { inSession, type Session } from '../session.ts';
import { demandWorker } from '../temporal.ts';
import { accepted } from './apply.ts';
import { readDeclaration } from './validate.ts';

type ImagesOptions = ClusterOptions & OutputOptions;

const pollMilliseconds = 500;

/** `cke-client images pull [FILE]`: images on the nodes before an upgrade needs them. Exit code 1 when a node lacks one. */
export function imagesCommand(): Command {
  const images = new Command('images').description('images of the components on the nodes');
  const pull = new Command('pull')
    .description('bring the images of a declaration to every node ahead of its apply; nothing is stopped')
    .argument('[file]', 'cluster.yaml, or - for standard input; the accepted declaration when left out')
    .action(async (file: string | undefined, options: ImagesOptions) => {
      process.exitCode = await inSession(options, (session) => pullImages(session, file, options));
    });
  return images.addCommand(
    withExamples(withOutput(withCluster(pull)), [
      'cke-client images pull cluster-1.34.yaml && cke-client apply cluster-1.34.yaml',
      'cke-client images pull --cluster prod',
    ]),
  );
}

async function pullImages(session: Session, file: string | undefined, options: ImagesOptions): Promise<ExitCode> {
  const input = await wanted(session, file, options);
  const client = await session.temporal();
  await demandWorker(client);
  const handle = await startCampaign<PullImages, ImagesProgress>(client, 'pullImages', {
    cluster: input.cluster,
    workflowId: imagesWorkflowId(input.cluster, digestOf(input)),
    input,
    summary: `pull images on ${count(input.nodes.length, 'node')}`,
  });
  const detached = interruption();
  for (let told = -1; !detached.aborted;) {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') {
      const result = await handle.result();
      print({ data: { cluster: input.cluster, ...result }, format: options.output, asText: resultText });
      return result.failed.length === 0 ? exitCodes.ok : exitCodes.failed;
    }
    const seen = await progressOf(handle);
    if (seen !== undefined && seen.done !== told) stderr.write(`images: ${seen.done} of ${count(seen.of, 'node')}\n`);
    told = seen?.done ?? told;
    await sleep(pollMilliseconds, undefined, { signal: detached }).catch(() => undefined);
  }
  stderr.write(`Detached. The nodes go on pulling; the same command looks again\n`);
  return exitCodes.ok;
}

/** Undefined when it has just ended. */
async function progressOf(handle: Pick<WorkflowHandle, 'query'>): Promise<ImagesProgress | undefined> {
  try {
    return await handle.query(imagesProgress);
  } catch (error) {
    if (error instanceof QueryRejectedError) return undefined;
    throw error;
  }
}

/** Asking again for the same images finds the work that is under way. */
function digestOf({ images }: PullImages): string {
  return createHash('sha256').update(canonicalJson(images)).digest('hex').slice(0, 8);
}

/** Images of the file, nodes of the accepted declaration: how a node is reached is known of those only. */
async function wanted(session: Session, file: string | undefined, options: ImagesOptions): Promise<PullImages> {
  const source = file === undefined ? undefined : await readDeclaration(file);
  const text = source instanceof Uint8Array ? new TextDecoder().decode(source) : source;
  const wished = text === undefined ? undefined : accepted(text, file ?? '');
  const cluster = wished?.name ?? (await chosenCluster(session, options));
  const latest = await session.store().declarations.get(cluster, 'latest');
  if (latest === undefined) throw unknownCluster(cluster);
  const standing = accepted(latest.text, 'the accepted declaration');
  const { images } = wished ?? standing;
  return { cluster, revision: latest.revision, nodes: standing.nodes.map(({ name }) => name), images };
}

function unknownCluster(cluster: string): CkeError {
  return new CkeError({
    code: 'DeclarationMissing',
    message: `${cluster} has no declaration yet`,
    fix: 'cke-client apply cluster.yaml: a new node gets its images when it is prepared',
    remedy: 'never',
  });
}

/** One line, and one for each node that lacks an image. */
export function resultText({ cluster, of, pulled, failed }: ImagesProgress & { cluster: string }): string {
  const well = of - failed.length;
  const said = failed.map(({ node, because }) => `${node}: ${because}`);
  return [
    `${cluster}: ${well} of ${count(of, 'node')} ${well === 1 ? 'has' : 'have'} every image, ${pulled} were pulled`,
    ...said,
  ].join('\n');
}
