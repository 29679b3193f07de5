import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Table from 'cli-table3';
import { explain, LabError } from './errors.ts';
import { openLab } from './lab.ts';
import type { Lab } from './lab.ts';
import { Progress } from './progress.ts';
import { repository, writeAtomically } from './state.ts';

const cluster = 'demo';
const nodesInExample = '10.88.0';

/** `npm run demo`: a lab, a worker, a cluster from examples/demo.yaml, a Deployment on it, and an answer through its Service. */
async function demo(lab: Lab, progress: Progress): Promise<void> {
  const { subnet } = await lab.up();
  const declaration = join(lab.paths.directory, 'cluster.yaml');
  const example = readFileSync(join(repository, 'examples', 'demo.yaml'), 'utf8');
  writeAtomically(declaration, example.replaceAll(`${nodesInExample}.`, subnet.replace(/0\/24$/, '')));
  await progress.phase('cke-client init', () => client(lab, ['init', cluster, '--ssh-key', lab.paths.sshKey]));
  await progress.phase('starting a worker', () => lab.startWorkers());
  await progress.phase('cke-client apply', () => client(lab, ['apply', declaration]));
  await progress.phase('cke-client kubeconfig', async () => {
    const { stdout } = await succeeded(lab, 'cke-client', ['kubeconfig', '--cluster', cluster]);
    writeAtomically(lab.paths.kubeconfig, stdout, 0o600);
  });
  await progress.phase('five Ready nodes', async () => {
    await succeeded(lab, 'kubectl', ['wait', 'nodes', '--all', '--for=condition=Ready', '--timeout=60s']);
    await lab.routes();
  });
  const answer = await progress.phase('a Deployment and its Service', () => answerThroughService(lab));
  progress.say(`through the Service: ${answer.trim()}`);
  process.stdout.write(report(lab, progress));
}

async function answerThroughService(lab: Lab): Promise<string> {
  await succeeded(lab, 'kubectl', ['apply', '-f', join(import.meta.dirname, 'demo-workload.yaml')]);
  await succeeded(lab, 'kubectl', ['rollout', 'status', 'deployment/echo', '--timeout=90s']);
  const { stdout: address } = await succeeded(lab, 'kubectl', [
    'get',
    'service',
    'echo',
    '-o',
    'jsonpath={.spec.clusterIP}',
  ]);
  for (let tries = 0; tries < 20; tries++) {
    const answer = await lab.node('worker-1').fetch(`http://${address}/`);
    if (answer !== undefined) return answer;
    await sleep(250);
  }
  throw failed(lab, `asking the Service at ${address} from worker-1`, 'no answer within 5 s');
}

/** Runs cke-client with its progress on the terminal. */
function client(lab: Lab, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...lab.environment() };
    const child = spawn('cke-client', args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(failed(lab, `cke-client ${args.join(' ')}`, `exit code ${code}`));
    });
  });
}

async function succeeded(lab: Lab, command: string, args: readonly string[]): Promise<{ stdout: string }> {
  const result = await lab.run(command, args);
  if (result.code === 0) return result;
  throw failed(lab, `${command} ${args.join(' ')}`, result.stderr.trim());
}

function failed(lab: Lab, what: string, why: string): LabError {
  return new LabError({ what: `${what} failed`, why, cure: `see ${lab.paths.log('worker-1')} and cke-client status` });
}

function report(lab: Lab, progress: Progress): string {
  const table = new Table({ head: ['phase', 'seconds'], style: { head: [], border: [] } });
  for (const { phase, milliseconds } of progress.times) table.push([phase, (milliseconds / 1000).toFixed(1)]);
  table.push(['all', (progress.elapsed() / 1000).toFixed(1)]);
  return `${table.toString()}
Web UI: http://127.0.0.1:${lab.record().ports.temporalUi}

Try next:
  eval "$(npm run -s lab -- env --name ${lab.name})"
  kubectl get nodes,pods -o wide
  cke-client status
  npm run lab -- node exec cp-1 --name ${lab.name} -- docker kill kube-scheduler && cke-client history
`;
}

const progress = new Progress();
try {
  await demo(openLab({ name: process.env.CKE_LAB_NAME ?? 'demo', progress }), progress);
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
