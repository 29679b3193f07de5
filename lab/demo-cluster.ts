import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { failed, output, shown } from './demo-commands.ts';
import type { Lab } from './lab.ts';
import type { Progress } from './progress.ts';
import { writeAtomically } from './state.ts';

const cluster = 'demo';

/** A person may come back to the demo in the evening. */
const kubeconfigLifetime = '24h';

/** Vault, the worker's credentials and Temporal for the demo's cluster. */
export async function initialise(lab: Lab): Promise<void> {
  const { code, stdout } = await shown(lab, 'cke-client', 'init', cluster, '--ssh-key', lab.paths.sshKey);
  if (code !== 0) throw failed(lab, `cke-client init ${cluster}`, stdout.trim() || `exit code ${code}`);
  process.stderr.write(stdout.replace(/^Next:.*\n/m, ''));
}

/** The part of `cke-client … --output json` that the demo reads. */
const operationReport = z.object({
  outcome: z.string(),
  done: z.array(z.string()),
  failed: z.array(z.object({ step: z.string(), message: z.string() })),
  blockers: z.array(z.object({ because: z.string() })),
  waits: z.array(z.object({ on: z.string(), because: z.string() })),
});

type OperationReport = z.infer<typeof operationReport>;

/** What an operation did, and how long it took as the user saw it. */
export interface Operation {
  readonly report: OperationReport;
  readonly milliseconds: number;
}

/** What a run that was killed left half-way may end the first operation early: the next one finds what is there. */
const attempts = 3;

/** Applies the declaration, with the client's own progress on the terminal. Throws LabError unless it ends converged. */
export async function applyDeclaration(lab: Lab, progress: Progress, declaration: string): Promise<Operation> {
  const begun = performance.now();
  progress.say('cke-client apply');
  for (let attempt = 1; ; attempt++) {
    const words = attempt === 1 ? ['apply', declaration, '--yes'] : ['reconcile', '--cluster', cluster, '--wait'];
    const report = await operate(lab, words);
    const milliseconds = performance.now() - begun;
    if (report.outcome === 'converged') {
      progress.times.push({ phase: 'cke-client apply', milliseconds });
      return { report, milliseconds };
    }
    const why = obstacles(report).join('\n       ');
    if (attempt === attempts || report.outcome === 'paused') throw failed(lab, `cke-client ${words[0]}`, why);
    progress.say(`${report.outcome}; once more. ${why}`);
    await sleep(2000);
  }
}

async function operate(lab: Lab, words: readonly string[]): Promise<OperationReport> {
  const { code, stdout } = await shown(lab, 'cke-client', ...words, '--output', 'json');
  if (stdout.trimStart().startsWith('{')) return operationReport.parse(JSON.parse(stdout));
  throw failed(lab, `cke-client ${words[0] ?? ''}`, `exit code ${code}; its own words are above`);
}

function obstacles({ outcome, failed: failures, blockers, waits }: OperationReport): string[] {
  const all = [
    ...failures.map(({ step, message }) => `${step}: ${message}`),
    ...blockers.map(({ because }) => because),
    ...waits.map(({ on, because }) => `waiting for ${on}: ${because}`),
  ];
  return all.length === 0 ? [`it ended ${outcome}`] : all;
}

export async function takeKubeconfig(lab: Lab): Promise<void> {
  const text = await output(lab, 'cke-client', 'kubeconfig', '--cluster', cluster, '--ttl', kubeconfigLifetime);
  writeAtomically(lab.paths.kubeconfig, `${text}\n`, 0o600);
}

/** Returns when each Node of the lab is there and Ready, and the lab's network knows the pods' addresses. */
export async function waitForNodes(lab: Lab): Promise<void> {
  const names = lab.nodes().map(({ name }) => `node/${name}`);
  await output(lab, 'kubectl', 'wait', ...names, '--for=condition=Ready', '--timeout=120s');
  await lab.routes();
}

/** A second look at the cluster, which should find nothing to do. */
export async function lookOnceMore(lab: Lab): Promise<Operation> {
  const begun = performance.now();
  const report = await operate(lab, ['reconcile', '--cluster', cluster, '--wait']);
  return { report, milliseconds: performance.now() - begun };
}
