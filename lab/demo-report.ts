import Table from 'cli-table3';
import type { Operation } from './demo-cluster.ts';
import { output } from './demo-commands.ts';
import { labOption } from './demo-end.ts';
import type { NodeAnswers, PodAnswers } from './demo-workload.ts';
import type { Lab } from './lab.ts';
import type { Progress } from './progress.ts';

export interface ReportInput {
  readonly lab: Lab;
  readonly progress: Progress;
  readonly bootstrap: Operation;
  readonly fromNodes: NodeAnswers;
  readonly fromPod: PodAnswers;
  readonly later: Operation;
}

/** What the demo ends with: what runs, how long it took, where to look, what to try. */
export async function reportText({ lab, progress, ...found }: ReportInput): Promise<string> {
  const nodes = await output(lab, 'kubectl', 'get', 'nodes', '--no-headers');
  return `
${whatRuns({ lab, nodes, ...found })}

${durations(progress)}

Web UI: ${webUi(lab)}

Try next:
  eval "$(npm run -s lab -- env${labOption(lab.name)})"
  kubectl get nodes,pods --all-namespaces -o wide
  npm run lab -- node exec${labOption(lab.name)} cp-1 -- docker kill kube-scheduler; sleep 5; cke-client history
  npm run lab -- node power-off${labOption(lab.name)} cp-3; cke-client status; npm run lab -- node power-on${labOption(lab.name)} cp-3

Remove everything: npm run lab -- down${labOption(lab.name)}
`;
}

const webUi = (lab: Lab) => `http://127.0.0.1:${lab.record().ports.temporalUi}/namespaces/default/workflows`;

const spare = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };
const unpainted = { head: [], border: [] };

function whatRuns({
  lab,
  nodes,
  bootstrap,
  fromNodes,
  fromPod,
  later,
}: Omit<ReportInput, 'progress'> & { nodes: string }) {
  const { ports } = lab.record();
  const lines = nodes.split('\n').map((line) => line.split(/\s+/));
  const ready = lines.filter(([, status]) => status === 'Ready');
  const version = lines[0]?.at(-1) ?? '';
  const table = new Table({ head: ['what runs', ''], chars: spare, style: unpainted });
  table.push(
    ['Temporal', `127.0.0.1:${ports.temporal}`],
    ['Vault', `https://127.0.0.1:${ports.vault}`],
    ['etcd of the manager', `https://127.0.0.1:${ports.etcdClient}`],
    ['worker', `log ${lab.paths.log('worker-1')}`],
    [
      'Kubernetes nodes',
      `${ready.length} of ${lines.length} Ready: ${ready.map(([name]) => name).join(', ')} (${version})`,
    ],
    ['Deployment and Service', `echo at http://${fromNodes.address}, answers on ${fromNodes.answers.length} nodes`],
    ['a pod’s view', `from ${fromPod.node}: ${new Set(fromPod.answers).size} pods answer, and the Service`],
    ['cke-client apply', `${bootstrap.report.outcome}, ${stepsIn(bootstrap)}`],
    ['cke-client reconcile', `${later.report.outcome}, ${stepsIn(later)}`],
  );
  return table.toString();
}

function stepsIn({ report, milliseconds }: Operation): string {
  const steps = report.done.length === 1 ? '1 step' : `${report.done.length} steps`;
  return `${steps} in ${(milliseconds / 1000).toFixed(1)} s`;
}

function durations(progress: Progress): string {
  const table = new Table({
    head: ['phase', 'seconds'],
    colAligns: ['left', 'right'],
    chars: spare,
    style: unpainted,
  });
  for (const { phase, milliseconds } of progress.times) table.push([phase, (milliseconds / 1000).toFixed(1)]);
  table.push(['all', (progress.elapsed() / 1000).toFixed(1)]);
  return table.toString();
}
