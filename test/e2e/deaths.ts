import { setTimeout as sleep } from 'node:timers/promises';
import { runningProcess } from '../../lab/processes.ts';
import { lab, replaceNode } from './story.ts';

/** Where a worker dies: at the next call of that activity, before anything was done or when all was done and nobody knows yet. */
export interface Boundary {
  readonly activity: string;
  readonly when: 'before' | 'after';
}

export const boundaryText = ({ activity, when }: Boundary): string => `${when} ${activity}`;

/**
 * Has one worker after the other die while `act` goes on, each at the next of these boundaries, and lets the last one live. Returns
 * when `act` has ended. Throws when a boundary was not reached: a crash that did not happen proves nothing.
 */
export async function withDeaths<T>(boundaries: readonly Boundary[], act: () => Promise<T>): Promise<T> {
  await lab.endWorkers();
  const left = [...boundaries];
  await startDoomed(left);
  let over = false;
  const acting = act().finally(() => (over = true));
  acting.catch(() => undefined);
  while (!over) {
    if (isDead()) {
      left.shift();
      await lab.endWorkers('kill');
      await startDoomed(left);
    }
    await sleep(100);
  }
  await lab.endWorkers('kill');
  await lab.startWorkers();
  const result = await acting;
  if (left.length > 0) throw new Error(`never reached: ${left.map(boundaryText).join(', ')}`);
  return result;
}

const isDead = (): boolean => runningProcess(lab.paths.record('worker-1')) === undefined;

/** A worker that will die at the first boundary; one that lives where none is left. One that dies on its way up has died all the same. */
async function startDoomed([next]: readonly Boundary[]): Promise<void> {
  const environment: Record<string, string> = next ? { CKE_TEST_KILL_AT: `${next.activity}:${next.when}:1` } : {};
  try {
    await lab.startWorkers({ environment });
  } catch (error) {
    if (next === undefined || !isDead()) throw error;
  }
}

/** Begins a replacement and follows it as long as the client has patience with workers that keep dying: what was begun goes on. */
export async function replaceThroughDeaths(goes: string, free: string): Promise<void> {
  await replaceNode(goes, free).catch(() => undefined);
}
