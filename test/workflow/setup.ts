import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { silentProgress } from '../../lab/progress.ts';
import { resolveTools } from '../../lab/toolchain.ts';
import { bundle } from '../../worker/bundle.ts';
import { searchAttributes } from '../../workflows/contracts.ts';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    temporalProgram: string;
    workflowBundle: string;
  }
}

/**
 * A Temporal server and the workflow bundle, once for all files of the project. An entity's history counts as long after few
 * events, so that a test sees continue-as-new.
 */
const serverSettings = [
  '--dynamic-config-value',
  'history.transferProcessorMaxPollRPS=500',
  '--dynamic-config-value',
  'limit.historyCount.suggestContinueAsNew=150',
];

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const tools = await resolveTools(['temporal'], silentProgress());
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: tools('temporal') },
      searchAttributes: Object.values(searchAttributes),
      extraArgs: serverSettings,
    },
  });
  const directory = await mkdtemp(join(tmpdir(), 'cke-workflow-tests-'));
  const path = join(directory, 'bundle.js');
  await writeFile(path, await bundle());
  project.provide('temporalAddress', environment.address);
  project.provide('temporalProgram', tools('temporal'));
  project.provide('workflowBundle', path);
  return async () => {
    await environment.teardown();
    await rm(directory, { recursive: true });
  };
}
