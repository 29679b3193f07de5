import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { loadSettings, type Settings } from '../../activities/settings.ts';
import { askStatus, askToReconcile } from '../../client/requests.ts';
import { openVault } from '../../client/session.ts';
import { connectTemporal } from '../../client/temporal.ts';
import { openLab, type Lab } from '../../lab/lab.ts';
import { Progress } from '../../lab/progress.ts';
import { runningProcess } from '../../lab/processes.ts';
import type { UpOptions } from '../../lab/up.ts';
import type { ClusterStatus } from '../../workflows/contracts.ts';

/** The lab that is measured, with the one cluster on it. */
export interface Site {
  lab: Lab;
  progress: Progress;
  cluster: string;
  settings: Settings;
  client: Client;
  /** PID of the worker. */
  workerPid(): number;
  /** Reconciles once and returns the milliseconds from the request to its completion. */
  reconcile(): Promise<number>;
  /** Waits until no operation runs and the last one has converged. */
  settled(): Promise<ClusterStatus>;
}

const pollMilliseconds = 10;

/** Brings the lab up, 3 control planes and 2 workers: none of it is measured. */
export async function openSite(name: string, options: UpOptions = {}): Promise<Site> {
  const progress = new Progress();
  const lab = openLab({ name, progress });
  await lab.up(options);
  Object.assign(process.env, lab.environment());
  const settings = loadSettings(lab.paths.settings);
  const client = await connectTemporal(settings, openVault(settings));
  const cluster = 'demo';
  return {
    lab,
    progress,
    cluster,
    settings,
    client,
    workerPid: () => runningProcess(lab.paths.record('worker-1'))?.pid ?? 0,
    async reconcile() {
      const began = performance.now();
      const request = { requestedBy: 'bench', because: 'it is measured' };
      const ticket = await askToReconcile(client, { cluster, request, onNoWorker: (line) => progress.say(line) });
      while (((await askStatus(client, cluster))?.completedTicket ?? 0) < ticket) await sleep(pollMilliseconds);
      return performance.now() - began;
    },
    async settled() {
      for (;;) {
        const status = await askStatus(client, cluster);
        if (status?.state === 'idle' && status.lastReport?.outcome === 'converged') return status;
        await sleep(200);
      }
    },
  };
}
