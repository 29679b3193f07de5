import { parentPort, workerData } from 'node:worker_threads';
import type { Hunt } from './hunt.ts';
import { mutate } from './mutate.ts';

/** A thread whose code lacks a guard: what notices? The edits come before the code is imported. */
const { edits, hunt } = workerData as { edits: Parameters<typeof mutate>[0]; hunt: Hunt };
mutate(edits);
const { firstCatch } = await import('./hunt.ts');
parentPort?.postMessage((await firstCatch(hunt)) ?? 'nothing');
