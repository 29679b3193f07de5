import process, { stdout } from 'node:process';
import { applyDeclaration, initialise, lookOnceMore, takeKubeconfig, waitForNodes } from './demo-cluster.ts';
import { ensureNodes, writeDeclaration } from './demo-declaration.ts';
import { endOnSignal } from './demo-end.ts';
import { reportText } from './demo-report.ts';
import { askFromNodes, askFromPod, runWorkload } from './demo-workload.ts';
import { explain } from './errors.ts';
import { openLab } from './lab.ts';
import type { Lab } from './lab.ts';
import { Progress } from './progress.ts';

/**
 * `npm run demo`: a lab, a worker, a cluster from examples/demo.yaml, a Deployment on it, and answers through its Service. Each phase
 * takes up what it finds: the demo may be run again, however the last one ended.
 */
async function demo(lab: Lab, progress: Progress): Promise<void> {
  await lab.up();
  await ensureNodes(lab);
  const declaration = writeDeclaration(lab);
  await progress.phase('cke-client init', () => initialise(lab));
  await progress.phase('starting a worker', () => lab.startWorkers());
  const bootstrap = await applyDeclaration(lab, progress, declaration);
  await progress.phase('cke-client kubeconfig', () => takeKubeconfig(lab));
  await progress.phase('five Ready nodes, and routes between their pods', () => waitForNodes(lab));
  await progress.phase('a Deployment and its Service', () => runWorkload(lab));
  const fromNodes = await progress.phase('asking the Service from each node', () => askFromNodes(lab));
  const fromPod = await progress.phase('asking pods and the Service from a pod', () => askFromPod(lab));
  const later = await progress.phase('cke-client reconcile: is anything left to do?', () => lookOnceMore(lab));
  stdout.write(await reportText({ lab, progress, bootstrap, fromNodes, fromPod, later }));
}

const progress = new Progress();
const lab = openLab({ name: process.env.CKE_LAB_NAME ?? 'demo', progress });
const ending = endOnSignal(lab.name);
try {
  await demo(lab, progress);
} catch (error) {
  if (!ending.aborted) console.error(`\n${explain(error)}`);
  process.exitCode = 1;
}
