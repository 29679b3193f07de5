import process, { stdout } from 'node:process';
import { Command } from 'commander';
import { loadSettings, settingsPath } from '../../activities/settings.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { NodeView } from '../../cluster/view.ts';
import { type CheckResult, checked, checkLine } from '../checks.ts';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import {
  type ClusterOptions,
  namedCluster,
  type OutputOptions,
  withCluster,
  withExamples,
  withOutput,
} from '../options.ts';
import { count, print } from '../output.ts';
import { paintFor } from '../paint.ts';
import { kmsChecks, pluginChecks } from '../kms-checks.ts';
import { askView } from '../look.ts';
import { missingSearchAttributes } from '../search-attributes.ts';
import { inSession, type Session } from '../session.ts';
import { acceptedDeclaration } from './kubeconfig.ts';
import { demandWorker, workersOf } from '../temporal.ts';

type DoctorOptions = ClusterOptions & OutputOptions;

/** `cke-client doctor`: settings, Temporal, worker, management etcd, Vault, its transit key where the provider is kms, nodes: each ok, or bad with its cure. Exit code 0 or 3. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('check everything that the manager needs, one line each, with the cure')
    .action(async (options: DoctorOptions) => {
      process.exitCode = await examine(options);
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client doctor',
    'cke-client doctor --output json | jq \'.[] | select(.state == "bad")\'',
  ]);
}

async function examine(options: DoctorOptions): Promise<ExitCode> {
  const results: CheckResult[] = [];
  const report = (result: CheckResult) => {
    results.push(result);
    if (options.output === 'table') stdout.write(`${checkLine(result, paintFor())}\n`);
    return result.state === 'ok';
  };
  const path = options.config ?? settingsPath();
  const usable = report(await checked('settings', async () => (loadSettings(path), path)));
  if (usable) await inSession(options, (session) => examineServers(session, options, report));
  if (options.output !== 'table') print({ data: results, format: options.output, asText: () => '' });
  const bad = results.filter(({ state }) => state === 'bad').length;
  if (options.output === 'table') stdout.write(bad === 0 ? 'All is well.\n' : `${count(bad, 'check')} bad.\n`);
  return bad === 0 ? exitCodes.ok : exitCodes.attention;
}

type Report = (result: CheckResult) => boolean;

async function examineServers(session: Session, options: DoctorOptions, report: Report): Promise<void> {
  const temporal = report(await checked('temporal', () => checkTemporal(session)));
  const worker = temporal && report(await checked('worker', () => checkWorker(session)));
  if (temporal) report(await checked('search attributes', () => checkSearchAttributes(session)));
  const store = report(await checked('management etcd', () => checkStore(session)));
  const cluster = store ? await clusterToCheck(session, options, report) : namedCluster(options);
  if (cluster === undefined) return void report(skipped('vault', 'no cluster to log in for'));
  report(await checked('vault', () => checkVault(session, cluster)));
  if (store) for (const result of await checkKms(session, cluster)) report(result);
  if (!worker) return void report(skipped('nodes', 'no worker looks at them'));
  for (const result of await checkNodes(session, cluster)) report(result);
}

function skipped(check: string, because: string): CheckResult {
  return { check, state: 'skipped', because };
}

async function checkTemporal(session: Session): Promise<string> {
  const client = await session.temporal();
  const { address, namespace } = session.settings.temporal;
  await client.workflowService.describeNamespace({ namespace });
  return `${address}, namespace ${namespace}`;
}

async function checkWorker(session: Session): Promise<string> {
  const client = await session.temporal();
  await demandWorker(client);
  const workers = [...new Set(await workersOf(client))];
  return `${count(workers.length, 'worker')} asked for work during the last minutes: ${workers.join(', ')}`;
}

async function checkSearchAttributes(session: Session): Promise<string> {
  const missing = await missingSearchAttributes(await session.temporal());
  if (missing.length === 0) return 'registered';
  throw new CkeError({
    code: 'NotInitialised',
    message: `Temporal lacks ${missing.join(', ')}`,
    fix: 'cke-client init NAME (it registers them)',
    remedy: 'never',
  });
}

async function checkStore(session: Session): Promise<string> {
  const clusters = await session.store().declarations.clusters();
  return clusters.length === 0 ? 'answers; no cluster is declared yet' : `answers; clusters: ${clusters.join(', ')}`;
}

/** Vault and nodes are checked for one cluster. */
async function clusterToCheck(session: Session, options: DoctorOptions, report: Report): Promise<string | undefined> {
  try {
    return await chosenCluster(session, options);
  } catch (error) {
    if (!(error instanceof CkeError)) throw error;
    report(skipped('cluster', error.message));
    return undefined;
  }
}

async function checkVault(session: Session, cluster: string): Promise<string> {
  await session.vault().authorityBundle({ cluster, authority: 'kubernetes' });
  return `unsealed; the worker's AppRole for ${cluster} can log in and read`;
}

/** Nothing before a declaration is accepted. */
async function checkKms(session: Session, cluster: string): Promise<CheckResult[]> {
  const { declarations, encryption } = session.store();
  if ((await declarations.get(cluster, 'latest')) === undefined) return [];
  const declaration = await acceptedDeclaration(session, cluster);
  const record = (await encryption.get(cluster))?.value;
  return kmsChecks({ cluster, declaration, record, vault: session.vault() });
}

async function checkNodes(session: Session, cluster: string): Promise<CheckResult[]> {
  const found: NodeView[] = [];
  const look = await checked('nodes', async () => {
    found.push(...(await askView(await session.temporal(), cluster)).nodes);
    return `${count(found.length, 'node')} looked at`;
  });
  const nodes = await Promise.all(found.map((node) => checked(`node ${node.name}`, () => checkNode(node))));
  return [look, ...nodes, ...(await pluginChecks(found))];
}

async function checkNode({ name, address, reachable, ready }: NodeView): Promise<string> {
  if (reachable === 'yes') return `${address}: SSH and Docker answer, Kubernetes says Ready: ${ready}`;
  throw new CkeError({
    code: 'NodeUnreachable',
    message: reachable.because,
    fix: `cke-client why ${name}`,
    remedy: 'retry',
  });
}
