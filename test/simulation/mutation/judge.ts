import { Worker } from 'node:worker_threads';
import type { Catch, Hunt } from './hunt.ts';
import type { Mutant } from './mutant.ts';
import type { Edit } from './mutate.ts';
import { failsWithout } from './named-test.ts';

export type Judgement = { kind: 'caught'; by: Catch } | { kind: 'escaped' } | { kind: 'out of time' };

/** Whether a mutant is noticed; rejects when it can't even be run, which is no catch. */
export async function judge({ edits, hunt }: Mutant, signal?: AbortSignal): Promise<Judgement> {
  if (hunt.in !== 'a test') return inSimulation(edits, hunt, signal);
  const { project, file, name } = hunt.test;
  const fails = await failsWithout(edits, hunt.test, signal);
  if (fails) return { kind: 'caught', by: { property: `${project} test`, after: `${file}: ${name}` } };
  return { kind: signal?.aborted ? 'out of time' : 'escaped' };
}

function inSimulation(edits: Edit[], hunt: Hunt, signal?: AbortSignal): Promise<Judgement> {
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
