import { spawn } from 'node:child_process';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { operationWorkflowId } from '../../workflows/contracts.ts';
import { record } from './record.ts';
import { perform } from './script.ts';
import { connectStage, onStage, until } from './stage.ts';

const doomed = fileURLToPath(new URL('doomed-worker.ts', import.meta.url));

test('a worker that is killed in the middle of a step is replaced by another, and the step is done', async () => {
  const cluster = 'lost-worker';
  const address = inject('temporalAddress');
  const first = spawn(execPath, [doomed, address, cluster, inject('workflowBundle')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  first.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const stage = await connectStage(cluster);
  const ticket = await stage.request();
  await until('the step runs', async () => said.find((line) => line.includes('updateNodeAttributes cp-1')));
  first.kill('SIGKILL');
  await stage.close();
  const performance = perform({});
  await onStage(cluster, performance, async (other) => {
    const { lastReport } = await other.done(ticket);
    expect(lastReport).toMatchObject({ outcome: 'converged', epoch: 1, failed: [] });
    expect(performance.calls).toEqual(['updateNodeAttributes cp-1']);
    await record({ type: 'reconcile', name: 'worker-killed', workflowId: operationWorkflowId(cluster) });
  });
});
