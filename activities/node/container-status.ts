import type { ContainerObservation } from '../../cluster/observation.ts';

type ContainerState = ContainerObservation['state'];

const states: readonly ContainerState[] = ['created', 'running', 'restarting', 'exited', 'paused', 'dead', 'removing'];

/** Docker's word for the state of a container; a word that we don't know means that it does not run. */
export function stateOf(word: string): ContainerState {
  return states.find((state) => state === word) ?? 'dead';
}

const unitSeconds: Record<string, number> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 7 * 86_400,
  month: 30 * 86_400,
  year: 365 * 86_400,
};

/**
 * Seconds since the start, from the sentence in Docker's list (`Up 3 minutes (healthy)`): rounded down as Docker rounds,
 * 0 when it is not running. The exact time would cost one more request per container.
 */
export function upSeconds(status: string): number {
  const spoken = /^Up (.*?)(?: \(.*\))?$/.exec(status)?.[1];
  return spoken === undefined ? 0 : secondsIn(spoken);
}

function secondsIn(spoken: string): number {
  if (/^less than a second$/i.test(spoken)) return 0;
  const [, count = '', unit = ''] =
    /^(\d+|about an?|an?) (second|minute|hour|day|week|month|year)s?$/i.exec(spoken) ?? [];
  const number = /^\d+$/.test(count) ? Number(count) : 1;
  return number * (unitSeconds[unit.toLowerCase()] ?? 0);
}

/** Seconds since the end, from `Exited (0) 3 minutes ago`, rounded down as Docker rounds; undefined when it does not say so. */
export function endedSeconds(status: string): number | undefined {
  const spoken = /^Exited \(-?\d+\) (.+) ago$/.exec(status)?.[1];
  return spoken === undefined ? undefined : secondsIn(spoken);
}

/** The exit code in `Exited (1) 3 seconds ago` or `Restarting (2) …`, undefined for others. */
export function exitCodeOf(status: string): number | undefined {
  const code = /^(?:Exited|Restarting) \((-?\d+)\)/.exec(status)?.[1];
  return code === undefined ? undefined : Number(code);
}
