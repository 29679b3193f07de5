import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { historiesDirectory } from './record.ts';

/** Runs that began with this code or an older one must go on with the current one: `<type>/<case>.json`. */
const histories = readdirSync(historiesDirectory, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.json'),
);
const types = ['clusterWorkflow', 'reconcile', 'batch', 'replaceNode', 'rotateAuthority'];

beforeAll(() => void Runtime.install({ logger: new DefaultLogger('ERROR') }));

async function replay(file: string, code: string): Promise<void> {
  const history: unknown = JSON.parse(readFileSync(`${historiesDirectory}${file}`, 'utf8'));
  await Worker.runReplayHistory({ workflowBundle: { code } }, history, 'cluster/recorded');
}

describe('recorded histories', () => {
  test('there are some of each type that lives long', () => {
    expect(new Set(histories.map((file) => file.split('/')[0]))).toEqual(new Set(types));
  });

  test.each(histories)('%s goes on with the current workflow code', async (file) => {
    await replay(file, readFileSync(inject('workflowBundle'), 'utf8'));
  });
});

describe('a change of workflow code that breaks running workflows is noticed', () => {
  test.each([
    ['clusterWorkflow/interval.json', 'await startWatch(cluster)', 'await null'],
    ['reconcile/one-unit-fails.json', '.observeAndDecide(', '.finishOperation('],
    ['reconcile/batches.json', 'const largestInline = 50', 'const largestInline = 60'],
  ])('%s with %s turned into %s', async (file, from, to) => {
    const code = readFileSync(inject('workflowBundle'), 'utf8');
    expect(code).toContain(from);
    await expect(replay(file, code.replaceAll(from, to))).rejects.toThrow(/nondeterminism/i);
  });
});
