import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runningProcess } from '../../lab/processes.ts';
import { lab } from './story.ts';
import { activitiesUnderWay, withTemporal } from './temporal-server.ts';

/** Has frozen processes go on. */
export function wake(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGCONT');
}

/** Whether a process is stopped by a signal. */
export function isFrozen(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}

/**
 * Has one worker after the other freeze while `act` goes on, each at its next call of one of these activities, before it has done
 * anything, and lets the last one do the rest. Returns the frozen ones, in their order, when `act` has ended.
 * Throws when an activity was not called: a worker that was not frozen proves nothing.
 */
export async function withFrozen(
  activities: readonly string[],
  act: (frozen: readonly number[]) => Promise<void>,
): Promise<number[]> {
  await lab.endWorkers('kill');
  const frozen: number[] = [];
  const next = async () => {
    const activity = activities[frozen.length];
    const environment = activity ? { CKE_TEST_KILL_AT: `${activity}:before:1:frozen` } : {};
    const starting = lab.startWorkers({ from: frozen.length + 1, environment });
    // One that freezes on its way up never says that it is ready.
    starting.catch(() => undefined);
    await Promise.race([starting, untilFrozen(frozen.length + 1)]);
  };
  await next();
  let over = false;
  const acting = act(frozen).finally(() => (over = true));
  acting.catch(() => undefined);
  while (!over && frozen.length < activities.length) {
    const pid = workerPid(frozen.length + 1);
    if (pid !== undefined && isFrozen(pid)) {
      frozen.push(pid);
      await next();
    }
    await sleep(100);
  }
  await acting;
  if (frozen.length === activities.length) return frozen;
  throw new Error(`never called: ${activities.slice(frozen.length).join(', ')}`);
}

const workerPid = (number: number): number | undefined => runningProcess(lab.paths.record(`worker-${number}`))?.pid;

async function untilFrozen(number: number): Promise<void> {
  for (let pid: number | undefined; pid === undefined || !isFrozen(pid); pid = workerPid(number)) await sleep(100);
}

/**
 * Freezes the only worker in the middle of one of these activities of the running operation; false when `over` says so first.
 */
export function freezeAmid(activities: readonly string[], pid: number, over: () => boolean): Promise<boolean> {
  return withTemporal(async (client) => {
    const isAmid = async () => (await activitiesUnderWay(client)).some((name) => activities.includes(name));
    while (!over()) {
      if (await isAmid()) {
        process.kill(pid, 'SIGSTOP');
        // What it had told in the very moment before is on record then.
        await sleep(500);
        if (await isAmid()) return true;
        process.kill(pid, 'SIGCONT');
      }
      await sleep(5);
    }
    return false;
  });
}
