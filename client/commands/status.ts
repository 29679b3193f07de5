import process, { stdout } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Pause } from '../../activities/store/pause.ts';
import { openRotations, type Rotatable, type Rotation } from '../../cluster/certificates/trust.ts';
import type { Destruction } from '../../cluster/destruction.ts';
import type { BackupRecord } from '../../cluster/etcd/backup.ts';
import type { ClusterView } from '../../cluster/view.ts';
import type { ClusterStatus, OperationProgress, RotationProgress } from '../../workflows/contracts.ts';
import { knownCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { complaintOf } from '../failure.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print, rendered } from '../output.ts';
import { interruption } from '../interrupt.ts';
import { paintFor } from '../paint.ts';
import { askRetries, type Retry } from '../retries.ts';
import { askView } from '../look.ts';
import { askProgress, askRotationProgress, askStatus } from '../requests.ts';
import { inSession, type Session } from '../session.ts';
import { statusText } from '../status-text.ts';

type StatusOptions = ClusterOptions & OutputOptions & { watch?: true };

const WATCH_MS = 2000;

/** What `status` prints: three sources, each of which may be silent without hiding the others. */
export interface ClusterSituation {
  cluster: string;
  at: string;
  revision?: number;
  paused?: Pause;
  /** A person gave the whole cluster up: what goes on, or what is left of it. */
  destruction?: Destruction;
  /** The entity's own words; absent while nothing was reconciled yet. */
  status?: ClusterStatus;
  progress?: OperationProgress;
  /** Steps of the running operation that failed and are being tried again. */
  retries: Retry[];
  view?: ClusterView;
  /** CAs that are being rotated, each with what its campaign says. */
  rotations: { of: Rotatable; rotation: Rotation; progress?: RotationProgress }[];
  /** Snapshots of etcd. */
  backups?: BackupRecord;
  /** What could not be asked, and why. */
  unknown: string[];
  webUi?: string;
}

/** `cke-client status`: the state of the cluster and of each node. Exit code 0 as declared, 3 when somebody has to look. */
export function statusCommand(): Command {
  const command = new Command('status')
    .description('show the cluster, each node, and what stands in the way')
    .option('-w, --watch', 'again every 2 s, until Ctrl-C')
    .action(async (options: StatusOptions) => {
      process.exitCode = await inSession(options, (session) => showStatus(session, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client status',
    'cke-client status --watch',
    'cke-client status --output json | jq \'.view.nodes[] | select(.ready != "true")\'',
  ]);
}

async function showStatus(session: Session, options: StatusOptions): Promise<ExitCode> {
  const { cluster } = await knownCluster(session, options);
  if (options.watch) return watchStatus(session, { cluster, format: options.output });
  const situation = await situationOf(session, cluster);
  print({ data: situation, format: options.output, asText });
  return statusExitCode(situation);
}

interface Watching {
  cluster: string;
  format: OutputOptions['output'];
}

function asText(situation: ClusterSituation): string {
  return statusText(situation, { paint: paintFor(), now: Date.now() });
}

async function watchStatus(session: Session, { cluster, format }: Watching): Promise<ExitCode> {
  const stopped = interruption();
  while (!stopped.aborted) {
    const text = rendered({ data: await situationOf(session, cluster), format, asText });
    stdout.write(stdout.isTTY ? `\u001b[H\u001b[2J${text}` : `${text}\n`);
    await sleep(WATCH_MS, undefined, { signal: stopped }).catch(() => undefined);
  }
  return exitCodes.ok;
}

async function situationOf(session: Session, cluster: string): Promise<ClusterSituation> {
  const store = session.store();
  const [declaration, paused, destruction, backups] = await Promise.all([
    store.declarations.get(cluster, 'latest'),
    store.pauses.get(cluster),
    store.destructions.get(cluster),
    store.backups.get(cluster),
  ]);
  const asked = destruction === undefined ? await askTemporal(session, cluster) : { retries: [], unknown: [] };
  const rotations = await Promise.all(
    openRotations(declaration?.trust).map((one) => askRotation(session, cluster, one)),
  );
  const link = webUi(session, cluster);
  return {
    cluster,
    at: new Date().toISOString(),
    ...(declaration && { revision: declaration.revision }),
    ...(paused && { paused }),
    ...(destruction && { destruction }),
    ...asked,
    rotations,
    backups,
    ...(link !== undefined && { webUi: link }),
  };
}

/** What stands in the management etcd, and what the campaign says of it when it can be asked. */
async function askRotation(session: Session, cluster: string, one: ReturnType<typeof openRotations>[number]) {
  const asked = async () => askRotationProgress(await session.temporal(), { cluster, of: one.of });
  const progress = await asked().catch(() => undefined);
  return { ...one, ...(progress && { progress }) };
}

async function askTemporal(session: Session, cluster: string) {
  const unknown: string[] = [];
  const noting = (what: string) => (error: unknown) => {
    const { message, fix } = complaintOf(error);
    unknown.push(`${what}: ${message}${fix === undefined ? '' : `\n    fix  ${fix}`}`);
    return undefined;
  };
  const client = await session.temporal().catch(noting('Temporal'));
  if (client === undefined) return { retries: [], unknown };
  const [status, progress, retries, view] = await Promise.all([
    askStatus(client, cluster).catch(noting('state of the cluster')),
    askProgress(client, cluster).catch(noting('progress')),
    askRetries(client, cluster).catch(noting('steps that are tried again')),
    askView(client, cluster).catch(noting('nodes')),
  ]);
  const running = status?.state === 'reconciling' ? progress : undefined;
  return {
    ...(status && { status }),
    ...(running && { progress: running }),
    retries: retries ?? [],
    ...(view && { view }),
    unknown,
  };
}

function webUi({ settings: { temporal } }: Session, cluster: string): string | undefined {
  if (temporal.ui === undefined) return undefined;
  const id = encodeURIComponent(`cluster/${cluster}`);
  return `${temporal.ui.replace(/\/$/u, '')}/namespaces/${temporal.namespace}/workflows/${id}`;
}

export function statusExitCode({ status, unknown, retries, destruction, backups }: ClusterSituation): ExitCode {
  if (destruction?.finishedAt !== undefined) return destruction.left?.length ? exitCodes.attention : exitCodes.ok;
  const calm = unknown.length === 0 && retries.length === 0 && backups?.failed === undefined;
  return calm && status?.lastReport?.outcome === 'converged' ? exitCodes.ok : exitCodes.attention;
}
