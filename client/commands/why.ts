import process from 'node:process';
import { Command } from 'commander';
import { nearest } from '../../cluster/declaration/suggestion.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { Blocker } from '../../cluster/plan.ts';
import type { ClusterView, ComponentView, NodeView } from '../../cluster/view.ts';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { count, duration, print, table } from '../output.ts';
import { paintFor, plain, type Paint } from '../paint.ts';
import { blockerText, section } from '../report.ts';
import { askView } from '../look.ts';
import { askStatus } from '../requests.ts';
import { inSession, type Session } from '../session.ts';
import { isWell } from '../status-text.ts';

type WhyOptions = ClusterOptions & OutputOptions;

/** Everything that is known about one node. */
export interface NodeStory {
  node: NodeView;
  /** It is not declared any more, and not cleaned yet. */
  leaving?: true;
  etcd?: { id: string; role: string; sync: string; leader: string };
  /** Obstacles and failed steps of the last operation that name it. */
  blockers: Blocker[];
  failed: { step: string; message: string }[];
}

/** `cke-client why NODE`: what runs there, what should, how it differs, and the last words of what crashes. */
export function whyCommand(): Command {
  const command = new Command('why')
    .description('tell everything that is known about one node')
    .argument('<node>', 'its Kubernetes node name')
    .action(async (name: string, options: WhyOptions) => {
      process.exitCode = await inSession(options, (session) => explain(session, name, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client why worker-1',
    'cke-client why cp-2 --output json',
  ]);
}

async function explain(session: Session, name: string, options: WhyOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  const client = await session.temporal();
  const [view, status] = await Promise.all([askView(client, cluster), askStatus(client, cluster)]);
  const story = storyOf(name, view, status?.lastReport);
  print({ data: story, format: options.output, asText: (data) => storyText(data, paintFor()) });
  return isCalm(story) ? exitCodes.ok : exitCodes.attention;
}

interface Report {
  blockers: Blocker[];
  failed: { step: string; message: string }[];
}

/** Pure. @throws CkeError InvalidRequest for a node that is not declared */
export function storyOf(name: string, view: ClusterView, report: Report | undefined): NodeStory {
  const known = [...view.nodes, ...(view.leaving ?? [])];
  const node = known.find((one) => one.name === name || one.address === name) ?? unknownNode(name, view);
  const isLeaving = view.leaving?.includes(node) ?? false;
  const member = view.etcd.state === 'observed' ? view.etcd.members.find((one) => one.node === node.name) : undefined;
  const names = new RegExp(`(^|[^\\w.-])${node.name.replaceAll('.', '\\.')}($|[^\\w-])`, 'u');
  return {
    node,
    ...(isLeaving && { leaving: true }),
    ...(member && { etcd: { id: member.id, role: member.role, sync: member.sync, leader: member.leader } }),
    blockers: (report?.blockers ?? []).filter((blocker) => blocker.node === node.name || names.test(blocker.because)),
    failed: (report?.failed ?? [])
      .filter(({ step, message }) => names.test(step) || names.test(message))
      .map(({ step, message }) => ({ step, message })),
  };
}

function unknownNode(name: string, { nodes, cluster }: ClusterView): never {
  const known = nodes.map((node) => node.name);
  const near = nearest(name, known);
  throw new CkeError({
    code: 'InvalidRequest',
    message: `cluster ${cluster} declares no node ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
    fix: 'cke-client nodes lists them',
    remedy: 'never',
  });
}

function isCalm({ node, blockers, failed }: NodeStory): boolean {
  return node.reachable === 'yes' && node.components.every(isWell) && blockers.length === 0 && failed.length === 0;
}

/** What a person reads about a node, the worst last so that it stands above the prompt. */
export function storyText(story: NodeStory, paint: Paint = plain): string {
  const { node, etcd, blockers, failed, leaving } = story;
  return [
    `node       ${paint.bold(node.name)} (${node.address}), ${node.role}`,
    `reachable  ${node.reachable === 'yes' ? 'yes' : paint.red(`no: ${node.reachable.because}`)}`,
    `ready      ${node.ready}${node.kubeletVersion === undefined ? '' : `, kubelet ${node.kubeletVersion}`}`,
    etcd === undefined ? '' : `etcd       member ${etcd.id}: ${etcd.role}, ${etcd.sync}, ${etcd.leader}`,
    node.reachable === 'yes' ? `\n${componentTable(node.components, paint)}` : '',
    ...node.components.map((component) => details(component, paint)),
    section(
      '\nFailed in the last operation',
      failed.map(({ step, message }) => `${step}\n    ${message}`),
    ),
    section('\nIn the way', blockers.map(blockerText)),
    leaving ? '\nIt is not declared any more, and not cleaned yet.' : '',
    isCalm(story) && !leaving ? '\nEverything on it is as declared.' : '\nNext: cke-client reconcile --wait',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function componentTable(components: ComponentView[], paint: Paint): string {
  const rows = components.map((one) => [
    one.component,
    one.state === 'running' ? paint.green(one.state) : paint.red(one.state),
    one.state === 'running' ? duration(one.upSeconds * 1000) : '-',
    one.restarts === undefined ? '-' : String(one.restarts),
    one.health === 'healthy' ? one.health : paint.yellow(one.health),
    one.drift === undefined ? 'as declared' : paint.yellow(one.drift),
  ]);
  return table({ columns: ['component', 'state', 'up', 'restarts', 'health', 'compared'], rows });
}

/** The last words of what does not run well. */
function details(component: ComponentView, paint: Paint): string {
  const { lastLog = [] } = component;
  if (isWell(component) || lastLog.length === 0) return '';
  const lines = lastLog.map((line) => `  ${paint.dim(line)}`).join('\n');
  return `\n${component.component}: its last ${count(lastLog.length, 'line')}\n${lines}`;
}
