import type { DnsHealth } from '../cluster/resources/built-in/dns-health.ts';
import type { ClusterView, ComponentView, EtcdView, NodeView } from '../cluster/view.ts';
import { describeBackup } from '../cluster/etcd/backup.ts';
import type { ClusterSituation } from './commands/status.ts';
import type { Destruction } from '../cluster/destruction.ts';
import { pendingText } from './answers.ts';
import { encryptionLine } from './encryption-text.ts';
import { ago, count, duration, table } from './output.ts';
import type { Paint } from './paint.ts';
import { retryText } from './retries.ts';
import { rotationLine } from './rotation-text.ts';
import { blockerText, failedText, headline, section, waitText } from './report.ts';

interface Look {
  paint: Paint;
  /** Milliseconds since 1970. */
  now: number;
}

/** What `cke-client status` prints for people. */
export function statusText(situation: ClusterSituation, look: Look): string {
  const { status, progress, retries, view, rotations, unknown } = situation;
  return [
    ...stateLines(situation, look),
    view === undefined ? '' : `\n${nodeTable(view, look.paint)}`,
    view === undefined ? '' : `\n${etcdLine(view.etcd, look.paint)}`,
    backupLine(situation, look),
    view?.dns === undefined ? '' : dnsLine(view.dns, look.paint),
    view?.encryption === undefined ? '' : encryptionLine(view.encryption, look.paint),
    section('\nRotating', rotations.map(rotationText)),
    section(
      '\nGoing on now',
      (progress?.running ?? []).map(({ step, done, of }) => (of > 1 ? `${step} (${done} of ${of})` : step)),
    ),
    section('\nTrying again', retries.map(retryText)),
    section('\nIn the way', (progress ?? status?.lastReport)?.blockers.map(blockerText) ?? []),
    section(
      '\nNeeds a yes',
      (progress ?? status?.lastReport)?.pending?.map((one) => pendingText(one, situation.cluster)) ?? [],
    ),
    section('\nWaiting for', (progress ?? status?.lastReport)?.waits.map(waitText) ?? []),
    section('\nFailed', status?.lastReport?.failed.map(failedText) ?? []),
    section(`\n${look.paint.yellow('Not known')}`, unknown),
    `\n${next(situation)}`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function backupLine({ backups }: ClusterSituation, { paint, now }: Look): string {
  const { kept, failed } = backups ?? { kept: [] };
  const [latest] = kept;
  const told = latest === undefined ? 'none' : `${ago(latest.at, now)}: ${describeBackup(latest)}`;
  const trouble = failed && paint.red(`failed ${ago(failed.at, now)}: ${failed.because}`);
  if (trouble !== undefined) return `backup     ${trouble}; the latest is ${told}`;
  return latest === undefined ? '' : `backup     ${told}`;
}

function rotationText({ of, rotation, progress }: ClusterSituation['rotations'][number]): string {
  if (progress !== undefined) return rotationLine(of, progress);
  const stopped = `no campaign watches it; go on with: cke-client certificates rotate-ca ${of}`;
  return rotationLine(of, { ...rotation, missing: [stopped], more: 0 });
}

function stateLines(
  { cluster, revision, paused, status, unknown, webUi, destruction }: ClusterSituation,
  { paint, now }: Look,
): string[] {
  const lines = [
    `cluster    ${paint.bold(cluster)}${revision === undefined ? '' : `, declaration revision ${revision}`}`,
  ];
  if (destruction) return [...lines, ...destructionLines(destruction, { paint, now })];
  const state = status === undefined && unknown.length > 0 ? 'not known, see below' : stateOf(status, now);
  lines.push(`state      ${state}`);
  if (paused) lines.push(`paused     ${paint.yellow(`by ${paused.by} ${ago(paused.at, now)}: ${paused.because}`)}`);
  if (status?.lastReport)
    lines.push(
      `last       ${headline(status.lastReport, paint)}${status.lastFinishedAt === undefined ? '' : `, ${ago(status.lastFinishedAt, now)}`}`,
    );
  if (webUi !== undefined) lines.push(`web ui     ${webUi}`);
  return lines;
}

function destructionLines({ by, at, finishedAt, left = [] }: Destruction, { paint, now }: Look): string[] {
  const state =
    finishedAt === undefined
      ? `being taken apart: ${by} ordered it ${ago(at, now)}`
      : `destroyed by ${by} ${ago(finishedAt, now)}`;
  return [`state      ${paint.red(state)}`, ...left.map(({ node, because }) => `not clean  ${node}: ${because}`)];
}

function stateOf(status: ClusterSituation['status'], now: number): string {
  if (status === undefined) return 'nothing was reconciled yet';
  if (status.state === 'idle') return `at rest; looks by itself every ${duration(status.intervalSeconds * 1000)}`;
  const since = status.runningSince === undefined ? '' : ` for ${duration(now - Date.parse(status.runningSince))}`;
  return `reconciling${since}: ${status.because}`;
}

/** One row per node; what is well is said in one word. */
export function nodeTable({ nodes }: ClusterView, paint: Paint): string {
  const columns = ['node', 'address', 'role', 'reachable', 'ready', 'kubelet', 'components'];
  return table({ columns, rows: nodes.map((node) => nodeRow(node, paint)) });
}

export function nodeRow(node: NodeView, paint: Paint): string[] {
  const reachable = node.reachable === 'yes' ? paint.green('yes') : paint.red('no');
  const ready = { true: paint.green('yes'), false: paint.red('no'), unknown: paint.yellow('unknown') }[node.ready];
  return [
    node.name,
    node.address,
    node.role,
    reachable,
    ready,
    node.kubeletVersion ?? '-',
    componentsCell(node, paint),
  ];
}

/** `all 7 as declared`, or those that need a look, by name. */
function componentsCell({ components, reachable }: NodeView, paint: Paint): string {
  if (reachable !== 'yes') return paint.red(reachable.because);
  const odd = components.filter((component) => !isWell(component));
  if (odd.length === 0) return `all ${components.length} as declared`;
  return odd.map((component) => paint.yellow(oddity(component))).join(', ');
}

/** Runs, serves, and is as declared. */
export function isWell({ state, health, drift }: ComponentView): boolean {
  return state === 'running' && health === 'healthy' && drift === undefined;
}

function oddity({ component, state, health, drift, restarts }: ComponentView): string {
  const crashes = restarts === undefined || restarts === 0 ? '' : `, ${count(restarts, 'restart')}`;
  if (state !== 'running') return `${component} ${state}${crashes}`;
  if (health !== 'healthy') return `${component} ${health}${crashes}`;
  return `${component} differs${drift === undefined ? '' : `: ${drift}`}`;
}

export function etcdLine(etcd: EtcdView, paint: Paint): string {
  if (etcd.state === 'unobservable') return `etcd       ${paint.yellow(`cannot be observed: ${etcd.because}`)}`;
  const voters = etcd.members.filter(({ role }) => role === 'voter');
  const synced = voters.filter(({ sync }) => sync === 'synced');
  const leader = etcd.members.find((member) => member.leader === 'leader')?.node ?? 'none';
  const learners = etcd.members.length - voters.length;
  const text = `${synced.length} of ${count(voters.length, 'voter')} in sync, leader ${leader}`;
  return `etcd       ${text}${learners === 0 ? '' : `, ${count(learners, 'learner')}`}`;
}

function dnsLine({ cluster, nodes }: DnsHealth, paint: Paint): string {
  const text = `${cluster.ready} of ${cluster.wanted} CoreDNS, cache on ${nodes.ready} of ${count(nodes.wanted, 'node')}`;
  const isWhole = cluster.ready > 0 && cluster.ready >= cluster.wanted && nodes.ready >= nodes.wanted;
  return `dns        ${isWhole ? text : paint.yellow(text)}`;
}

function next({ status, view, paused, cluster, unknown, destruction }: ClusterSituation): string {
  if (destruction) return nextOfDestruction(cluster, destruction);
  const odd = view?.nodes.find((node) => node.reachable !== 'yes' || node.components.some((one) => !isWell(one)));
  if (paused) return 'Next: cke-client resume';
  if (unknown.length > 0) return 'Next: cke-client doctor';
  if (status === undefined) return 'Next: cke-client reconcile --wait';
  if (status.state === 'reconciling') return `Next: cke-client status --watch --cluster ${cluster}`;
  return odd === undefined ? 'Next: cke-client history' : `Next: cke-client why ${odd.name}`;
}

function nextOfDestruction(cluster: string, { finishedAt, left = [] }: Destruction): string {
  if (finishedAt !== undefined && left.length === 0) return 'Next: cke-client apply cluster.yaml (it builds a new one)';
  return `Next: cke-client destroy --cluster ${cluster}`;
}
