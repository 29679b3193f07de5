import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inject } from 'vitest';

export const historiesDirectory = fileURLToPath(new URL('../histories/', import.meta.url));

interface Recorded {
  type: 'clusterWorkflow' | 'reconcile' | 'batch' | 'replaceNode' | 'rotateAuthority';
  /** File name without its ending. */
  name: string;
  workflowId: string;
  /** The latest run without it. */
  runId?: string;
}

/** Writes a run's history to test/histories/<type>/<name>.json when CKE_RECORD_HISTORIES is set. */
export async function record({ type, name, workflowId, runId }: Recorded): Promise<void> {
  if (env['CKE_RECORD_HISTORIES'] === undefined) return;
  const argv = ['workflow', 'show', '--address', inject('temporalAddress'), '--workflow-id', workflowId];
  const run = runId === undefined ? [] : ['--run-id', runId];
  const { stdout } = await promisify(execFile)(inject('temporalProgram'), [...argv, ...run, '--output', 'json'], {
    maxBuffer: 64 * 1024 * 1024,
  });
  await mkdir(`${historiesDirectory}${type}`, { recursive: true });
  await writeFile(
    `${historiesDirectory}${type}/${name}.json`,
    `${JSON.stringify(JSON.parse(stdout), withoutMachine)}\n`,
  );
}

/** What names the machine stays out of the repository. */
function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'name' && typeof value === 'string' && value.includes('@')) return 'sticky';
  return ['identity', 'stackTrace'].includes(key) ? undefined : value;
}
