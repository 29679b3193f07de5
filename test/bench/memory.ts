import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from './figures.ts';
import type { Site } from './site.ts';

const idleMilliseconds = 5_000;

/** Memory of the worker's process while nothing happens. */
export async function memory(site: Site): Promise<Figure[]> {
  await site.settled();
  await sleep(idleMilliseconds);
  const status = readFileSync(`/proc/${site.workerPid()}/status`, 'utf8');
  const kilobytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  const [resident, own] = [kilobytes('VmRSS'), kilobytes('RssAnon')];
  return [
    {
      what: 'manager, idle: resident (of it private)',
      ours: `${inMegabytes(resident)} (${inMegabytes(own)})`,
      cke: '58 MB',
    },
  ];
}

const inMegabytes = (kilobytes: number): string => `${Math.round(kilobytes / 1024)} MB`;
