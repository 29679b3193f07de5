import { mkdirSync, rmSync, symlinkSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTimeOf } from './processes.ts';
import type { Progress } from './progress.ts';

/**
 * Runs `work` while holding a lock that other processes of this machine respect. A lock whose holder has died is taken over.
 * The lock is a symbolic link whose target names its holder: made in one step, it is never seen half-written.
 */
export async function withLock<T>(file: string, progress: Progress, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const me = `${process.pid}-${startTimeOf(process.pid) ?? ''}`;
  let told = false;
  while (!taken(file, me)) {
    const holder = holderOf(file);
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(file, { force: true });
    } else {
      if (!told) progress.say(`waiting for process ${holder?.split('-')[0] ?? ''} that holds ${file}`);
      told = true;
      await sleep(200);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function taken(file: string, me: string): boolean {
  try {
    symlinkSync(me, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function holderOf(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}

function isAlive(holder: string): boolean {
  const [pid, startTime] = holder.split('-');
  return startTimeOf(Number(pid)) === startTime;
}
