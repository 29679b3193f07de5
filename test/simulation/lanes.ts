import { Worker } from 'node:worker_threads';
import type { Finding, Seeds } from './play-seeds.ts';

export type FromLane = { kind: 'played'; seconds: number } | { kind: 'finding'; finding: Finding } | { kind: 'done' };

interface Listeners {
  played(seconds: number): void;
  found(finding: Finding): void;
}

/** Schedules leave much behind that is dead at once: with more room for it the collector comes less often. */
const youngGenerationMegabytes = 64;

/** Seeds that a lane plays before it asks for more. */
const piece = 250;

/** Plays seeds on several threads at once until all are played or the signal says that it is enough. */
export async function playOnLanes(seeds: Seeds, lanes: number, listeners: Listeners & { signal: AbortSignal }) {
  const pieces = cut(seeds);
  await Promise.all(Array.from({ length: lanes }, () => playOnLane(pieces, listeners)));
}

function* cut({ from, count, ...rest }: Seeds): Generator<Seeds> {
  for (let at = 0; at < count; at += piece) yield { from: from + at, count: Math.min(piece, count - at), ...rest };
}

function playOnLane(pieces: Generator<Seeds>, listeners: Listeners & { signal: AbortSignal }) {
  return new Promise<void>((resolve, reject) => {
    const worker = new Worker(new URL('./lane.ts', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMegabytes },
    });
    const end = () => void worker.terminate().then(() => resolve(), reject);
    const next = () => {
      const { value } = pieces.next();
      if (value === undefined) end();
      else worker.postMessage(value);
    };
    worker.on('message', (message: FromLane) => {
      if (message.kind === 'played') listeners.played(message.seconds);
      else if (message.kind === 'finding') listeners.found(message.finding);
      else next();
    });
    worker.on('error', reject);
    listeners.signal.addEventListener('abort', end, { once: true });
    next();
  });
}
