import { parentPort } from 'node:worker_threads';
import type { FromLane } from './lanes.ts';
import { playSeeds, type Seeds } from './play-seeds.ts';

/** A thread that plays the seeds it is given, piece by piece, and tells what became of them. */
const port = parentPort;
if (port === null) throw new Error('lanes are started by lanes.ts');

/** Refusals are common here, and nobody reads where they came from: `--replay` tells. */
Error.stackTraceLimit = 0;

const tell = (message: FromLane): void => port.postMessage(message);

port.on('message', (seeds: Seeds) => void play(seeds));

async function play(seeds: Seeds): Promise<void> {
  for await (const { seconds, finding } of playSeeds(seeds)) {
    if (finding) tell({ kind: 'finding', finding });
    tell({ kind: 'played', seconds });
  }
  tell({ kind: 'done' });
}
