import { Worker } from 'node:worker_threads';
import type { Catch } from './hunt.ts';
import type { Mutant } from './mutant.ts';

export type Judgement = { kind: 'caught'; by: Catch } | { kind: 'escaped' } | { kind: 'out of time' };

/** Whether a mutant is noticed; rejects when it can't even be run, which is no catch. */
export function judge({ edits, hunt }: Mutant, signal?: AbortSignal): Promise<Judgement> {
  return new Promise((resolve, reject) => {
    const lane = new Worker(new URL('./lane.ts', import.meta.url), { workerData: { edits, hunt } });
    const end = () => void lane.terminate().then(() => resolve({ kind: 'out of time' }), reject);
    if (signal?.aborted) end();
    signal?.addEventListener('abort', end, { once: true });
    lane.once('message', (found: Catch | 'nothing') =>
      resolve(found === 'nothing' ? { kind: 'escaped' } : { kind: 'caught', by: found }),
    );
    lane.once('error', reject);
  });
}
