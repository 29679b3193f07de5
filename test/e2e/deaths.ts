import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runningProcess } from '../../lab/processes.ts';
import { acceptedDeclaration } from './servers.ts';
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
  let died = 0;
  const result = await whileWorkersDie(act, (deaths) => {
    died = deaths;
    const next = boundaries[deaths];
    return next && `${next.activity}:${next.when}:1`;
  });
  if (died < boundaries.length)
    throw new Error(`never reached: ${boundaries.slice(died).map(boundaryText).join(', ')}`);
  return result;
}

/**
 * Has a worker die once at every boundary of every activity that `act` leads to, but for those that are spared; returns them, in the
 * order of the deaths.
 */
export async function withDeathAtEach(act: () => Promise<void>, spared: readonly string[] = []): Promise<string[]> {
  const file = join(lab.paths.directory, 'deaths');
  writeFileSync(file, spared.map((boundary) => `${boundary}\n`).join(''));
  await whileWorkersDie(act, () => `each:${file}`);
  return readFileSync(file, 'utf8').trim().split('\n').slice(spared.length);
}

/** Starts a worker whenever there is none; `killAt` says where the one after so many deaths is to die, or that it is to live. */
async function whileWorkersDie<T>(act: () => Promise<T>, killAt: (deaths: number) => string | undefined): Promise<T> {
  await lab.endWorkers();
  let deaths = 0;
  await startDoomed(killAt(deaths));
  let over = false;
  const acting = act().finally(() => (over = true));
  acting.catch(() => undefined);
  while (!over) {
    if (isDead()) {
      await lab.endWorkers('kill');
      await startDoomed(killAt(++deaths));
    }
    await sleep(100);
  }
  await lab.endWorkers('kill');
  await lab.startWorkers();
  return acting;
}

const isDead = (): boolean => runningProcess(lab.paths.record('worker-1')) === undefined;

/** One that dies on its way up has died all the same. */
async function startDoomed(killAt: string | undefined): Promise<void> {
  try {
    await lab.startWorkers({ environment: killAt === undefined ? {} : { CKE_TEST_KILL_AT: killAt } });
  } catch (error) {
    if (killAt === undefined || !isDead()) throw error;
  }
}

/** A replacement that is under way in spite of workers that keep dying. */
export const replaceThroughDeaths = (goes: string, free: string): Promise<void> =>
  insist(() => replaceNode(goes, free), { come: [free], go: [goes] });

/**
 * Gives a command as a person does while workers keep dying: again and again, until these nodes are accepted as declared and as gone.
 * What was begun goes on by itself.
 */
export async function insist(
  command: () => Promise<unknown>,
  { come, go }: { come: readonly string[]; go: readonly string[] },
): Promise<void> {
  for (;;) {
    await command().catch(() => undefined);
    const declared = (await acceptedDeclaration()).nodes.map(({ name }) => name);
    if (come.every((name) => declared.includes(name)) && !go.some((name) => declared.includes(name))) return;
    await sleep(1000);
  }
}
