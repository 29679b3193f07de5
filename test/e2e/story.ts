import { setTimeout as sleep } from 'node:timers/promises';
import { openLab } from '../../lab/lab.ts';
import type { Lab } from '../../lab/lab.ts';
import { Progress } from '../../lab/progress.ts';
import type { Plan, OperationReport } from '../../cluster/plan.ts';
import type { HistoryEntry } from '../../activities/store/history.ts';
import type { ClusterSituation } from '../../client/commands/status.ts';
import { fromJson } from './json.ts';

/** The lab of all stories, and the cluster that stands in it. */
export const labName = process.env['CKE_E2E_LAB'] ?? 'e2e';
export const cluster = 'story';

export const lab: Lab = openLab({ name: labName, progress: new Progress() });

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `cke-client …` as a user types it, with whatever exit code. */
export function cke(...args: string[]): Promise<Said> {
  return lab.run('cke-client', args);
}

/** The same, and its `--output json`. Throws with what it printed when that is no JSON. */
async function ask<T>(...args: string[]): Promise<T> {
  const said = await cke(...args, '--cluster', cluster, '--output', 'json');
  try {
    return fromJson<T>(said.stdout);
  } catch {
    throw new Error(`cke-client ${args.join(' ')} ended with ${said.code}: ${said.stdout}${said.stderr}`);
  }
}

export const status = (): Promise<ClusterSituation> => ask('status');
export const reconcile = (): Promise<OperationReport> => ask('reconcile', '--wait');
export const planOf = (...file: string[]): Promise<Plan> => ask('plan', ...file);
export const why = (node: string): Promise<unknown> => ask('why', node);

/** What was done, the latest last. */
export const history = (limit = 100): Promise<HistoryEntry[]> => ask('history', '--limit', String(limit));

/** What any operation has done since then (milliseconds since 1970): the one that was asked for, or one that an event woke before it. */
export async function doneSince(begun: number): Promise<string[]> {
  return (await history()).filter(({ at }) => Date.parse(at) >= begun).flatMap(({ report }) => report.done);
}

/** Accepts a declaration and carries it out, nodes that go included; the report of the operation, however it ended. */
export const apply = (file: string): Promise<OperationReport> => ask('apply', file, '--yes');

/** Puts a machine of the lab in the place of a node; the report of the operation, however it ended. */
export function replaceNode(old: string, replacement: string): Promise<OperationReport> {
  return ask('replace', old, '--with', lab.node(replacement).address, '--hostname', replacement);
}

/** The output of a program that has to succeed, with the lab's environment. */
export async function run(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.run(command, args);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${stderr.trim()}`);
}

export const kubectl = (...args: string[]): Promise<string> => run('kubectl', ...args);

interface Patience {
  readonly seconds: number;
  readonly everyMilliseconds?: number;
}

/** Waits until `probe` gives a value; says what it waited for, and the last failure, when it does not. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  { seconds, everyMilliseconds = 250 }: Patience,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (let failure = ''; ;) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      failure = `: ${String(error)}`;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s${failure}`);
    await sleep(everyMilliseconds);
  }
}

/** The nodes of etcd's members, with their roles where they are no voters; none while etcd can't be observed. */
export async function memberNames(): Promise<string[]> {
  const etcd = (await status()).view?.etcd;
  if (etcd?.state !== 'observed') return [];
  return etcd.members.map(({ node, id, role }) => `${node ?? id}${role === 'voter' ? '' : ` (${role})`}`).sort();
}

/** Waits until the last operation found the cluster as declared, asked for by nobody. */
export async function untilConverged(seconds: number): Promise<void> {
  await until('a converged cluster', converged, { seconds, everyMilliseconds: 2000 });
}

async function converged(): Promise<true | undefined> {
  return (await status()).status?.lastReport?.outcome === 'converged' || undefined;
}

/** Whether an operation finds nothing to do. */
export async function nothingLeft(): Promise<true | undefined> {
  const { outcome, done } = await reconcile();
  return (outcome === 'converged' && done.length === 0) || undefined;
}

/** Prints what was measured: figures are for people, a noisy machine must not fail a test by them. */
export function figure(what: string, value: string | number): void {
  process.stdout.write(`    figure  ${what}: ${value}\n`);
}

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN;
}
