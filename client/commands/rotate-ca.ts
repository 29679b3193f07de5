import process, { stderr } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Argument, Command, Option } from 'commander';
import { demandRotatable } from '../../cluster/certificates/rotatable.ts';
import { openRotations, rotatables, type PodPolicy, type Rotatable } from '../../cluster/certificates/trust.ts';
import { CkeError } from '../../cluster/errors.ts';
import { about } from '../../workflows/about.ts';
import {
  directRotation,
  rotationProgress,
  rotationWorkflowId,
  type RotateAuthority,
  type RotationProgress,
} from '../../workflows/contracts.ts';
import { startCampaign, type CampaignHandle } from '../campaign.ts';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { isPassing } from '../failure.ts';
import { interruption } from '../interrupt.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { rotationLine } from '../rotation-text.ts';
import { inSession, type Session } from '../session.ts';
import { demandWorker } from '../temporal.ts';
import { acceptedDeclaration } from './kubeconfig.ts';

type RotateOptions = ClusterOptions &
  OutputOptions & { rollback?: true; without: string[]; restartPods?: true; leavePods?: true; yes?: true };

const pollMilliseconds = 1000;

/** `cke-client certificates rotate-ca NAME`: a new CA in the place of an old one, in stages. Exit code 0 done. */
export function rotateCaCommand(): Command {
  const command = new Command('rotate-ca')
    .description('put a new CA (or key that signs tokens) in the place of the old one, without an outage')
    .addArgument(new Argument('<name>', 'what is rotated').choices(rotatables))
    .option('--rollback', 'turn a rotation around; possible until the old CA is being dropped')
    .addOption(
      new Option('--without <node>', 'do not wait for this node; may be repeated').argParser(collect).default([]),
    )
    .option('--restart-pods', 'restart the workloads whose pods know the old CA only')
    .option('--leave-pods', 'do not wait for pods that know the old CA only')
    .option('--yes', 'for a declaration that wants a yes for the rotation of a CA')
    .action(async (name: Rotatable, options: RotateOptions) => {
      process.exitCode = await inSession(options, (session) => rotate(session, name, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client certificates rotate-ca etcd-peer',
    'cke-client certificates rotate-ca kubernetes --restart-pods',
    'cke-client certificates rotate-ca kubernetes --rollback',
    'cke-client certificates rotate-ca kubernetes --without worker-7   # while it goes on',
  ]);
}

function collect(node: string, before: string[]): string[] {
  return [...before, node];
}

async function rotate(session: Session, of: Rotatable, options: RotateOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  const declaration = await acceptedDeclaration(session, cluster);
  const open = openRotations(declaration.trust).some((one) => one.of === of);
  if (!open) demandRotatable(declaration, of);
  if (!open && options.rollback) throw nothingToRollBack(cluster, of);
  const wantsYes = declaration.approvals.required_for.includes('certificate-authority-rotation');
  if (!open && wantsYes && !options.yes) throw needsYes(of);
  const client = await session.temporal();
  await demandWorker(client);
  const handle = await campaign(client, { cluster, of, wish: wishOf(options) });
  if (open) await tell(handle, options);
  return follow(handle, { cluster, of, options });
}

function wishOf({ without, restartPods, leavePods }: RotateOptions) {
  const pods: PodPolicy | undefined = restartPods ? 'restart' : leavePods ? 'leave' : undefined;
  return { by: operatorName(), without, ...(pods && { pods }) };
}

type Handle = CampaignHandle<RotateAuthority, RotationProgress>;

/** The campaign that goes on, or a new one: it goes on with what stands in the management etcd. */
function campaign(client: Client, input: RotateAuthority): Promise<Handle> {
  const { cluster, of } = input;
  return startCampaign(client, 'rotateAuthority', {
    cluster,
    workflowId: rotationWorkflowId(cluster, of),
    input,
    summary: `rotate ${of} of ${cluster}`,
    details: about.rotation,
  });
}

async function tell(handle: Handle, options: RotateOptions): Promise<void> {
  const wish = wishOf(options);
  if (!options.rollback && wish.pods === undefined && wish.without.length === 0) return;
  await handle.executeUpdate(directRotation, { args: [{ ...wish, ...(options.rollback && { turn: 'back' }) }] });
}

interface Following {
  cluster: string;
  of: Rotatable;
  options: RotateOptions;
}

/** One line for each change, until it is done. Ctrl-C only detaches; servers that are away are waited for. */
async function follow(handle: Handle, { cluster, of, options }: Following): Promise<ExitCode> {
  const detached = interruption();
  let last = '';
  while (!detached.aborted) {
    const seen = await lookOnce(handle);
    const line = seen.progress === undefined ? last : rotationLine(of, seen.progress);
    if (line !== last) stderr.write(`${line}\n`);
    last = line;
    if (seen.state === 'ended') {
      const progress = await handle.result();
      print({ data: progress, format: options.output, asText: () => endText({ cluster, of, progress }) });
      return exitCodes.ok;
    }
    await sleep(pollMilliseconds, undefined, { signal: detached }).catch(() => undefined);
  }
  stderr.write(`Detached. It goes on; look again with: cke-client certificates rotate-ca ${of} --cluster ${cluster}\n`);
  return exitCodes.detached;
}

async function lookOnce(handle: Handle): Promise<{ state: 'running' | 'ended'; progress?: RotationProgress }> {
  try {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return { state: 'ended' };
    return { state: 'running', progress: await handle.query(rotationProgress) };
  } catch (error) {
    if (isPassing(error)) return { state: 'running' };
    throw error;
  }
}

/** Kubeconfigs that people have are the one thing that is out of reach. */
function endText({ cluster, of, progress }: { cluster: string; of: Rotatable; progress: RotationProgress }): string {
  const { from, to, direction } = progress;
  const done = direction === 'back' ? `${of} is rolled back to ${to}` : `${of} is rotated from ${from} to ${to}`;
  const people =
    of === 'kubernetes'
      ? ['', `Kubeconfigs made before have the old CA: give people new ones with: cke-client kubeconfig -c ${cluster}`]
      : of === 'kubernetes-webhook'
        ? ['', 'Certificates of admission webhooks and their caBundle that you made yourself: issue them anew']
        : [];
  return [done, ...people].join('\n');
}

function nothingToRollBack(cluster: string, of: Rotatable): CkeError {
  return new CkeError({
    code: 'RotationRefused',
    message: `${of} of ${cluster} is not being rotated: there is nothing to roll back`,
    fix: `to have another CA again: cke-client certificates rotate-ca ${of}`,
    remedy: 'never',
  });
}

function needsYes(of: Rotatable): CkeError {
  return new CkeError({
    code: 'RotationRefused',
    message: `the declaration wants a person's yes for certificate-authority-rotation`,
    fix: `cke-client certificates rotate-ca ${of} --yes`,
    remedy: 'never',
  });
}
