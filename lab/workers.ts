import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { runningProcess, startProcess, stopProcess, waitUntil } from './processes.ts';
import { answersOk } from './servers/http.ts';
import { settingsText } from './settings.ts';
import { repository, writeAtomically } from './state.ts';
import type { LabPaths, LabRecord } from './state.ts';

export interface WorkerOptions {
  readonly count?: number;
  /** The first one that is looked after; those before it are left as they are. */
  readonly from?: number;
  /** Beside the lab's own variables, for those that are started now. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts workers `from` (1) to `count`, those that don't run yet, and returns their PIDs once they poll. Throws LabError. */
export async function startWorkers(lab: LabRecord, paths: LabPaths, options: WorkerOptions = {}): Promise<number[]> {
  const { from = 1, count = from, environment = {} } = options;
  const pids: number[] = [];
  for (let worker = from; worker <= count; worker++) {
    const record = paths.record(`worker-${worker}`);
    const settings = worker === 1 ? paths.settings : join(paths.directory, `cke-worker-${worker}.yaml`);
    if (worker > 1) writeAtomically(settings, settingsText(lab, paths, worker), 0o600);
    const running = runningProcess(record);
    const { pid } =
      running ??
      (await startProcess([execPath, join(repository, 'worker', 'main.ts')], {
        record,
        log: paths.log(`worker-${worker}`),
        // The operator's token is for `cke-client init`; a worker has to get along without it.
        env: { ...process.env, ...environment, CKE_CONFIG: settings, VAULT_TOKEN: undefined },
        cwd: repository,
      }));
    pids.push(pid);
    const health = `http://127.0.0.1:${lab.ports.workerMetrics + worker - 1}/healthz`;
    await waitUntil(`worker ${worker}`, async () => (await answersOk(health)) || undefined, {
      log: paths.log(`worker-${worker}`),
      record,
      timeoutMilliseconds: 180_000,
    });
  }
  return pids;
}

/** Names of the workers that have a record, running or not. */
export function workerNames(paths: LabPaths): string[] {
  return readdirSync(join(paths.directory, 'run'))
    .filter((file) => /^worker-\d+\.pid$/.test(file))
    .map((file) => file.replace(/\.pid$/, ''))
    .sort();
}

/** Ends every worker: `stop` lets it finish what it does for up to 20 s, `kill` does not. */
export async function endWorkers(paths: LabPaths, how: 'stop' | 'kill'): Promise<void> {
  const options = how === 'stop' ? { graceMilliseconds: 20_000 } : { signal: 'SIGKILL' as const };
  await Promise.all(workerNames(paths).map((name) => stopProcess(paths.record(name), options)));
}
