import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import type { Edit } from './mutate.ts';
import { withMutatedTree } from './scratch.ts';

/** A test that has to fail when a guard is gone, where the model of the simulation does not reach as far down. */
export interface NamedTest {
  /** Of vitest.config.ts. */
  project: 'unit' | 'workflow' | 'integration';
  /** From the root of the repository. */
  file: string;
  /** Its title, or the part of it that stands in the file as such; empty for all of them. */
  name: string;
}

interface Report {
  testResults: { assertionResults: { fullName: string; status: string }[] }[];
}

/** Whether the test fails on mutated sources. @throws Error when it does not even run, which is no catch */
export function failsWithout(edits: readonly Edit[], test: NamedTest, signal?: AbortSignal): Promise<boolean> {
  return withMutatedTree(edits, async (directory) => {
    const report = join(directory, 'named-test.json');
    const said = await runVitest(directory, [...argumentsFor(test), `--outputFile=${report}`], signal);
    const { testResults }: Report = existsSync(report)
      ? (JSON.parse(readFileSync(report, 'utf8')) as Report)
      : { testResults: [] };
    const results = testResults.flatMap(({ assertionResults }) => assertionResults);
    const statuses = results.filter(({ fullName }) => fullName.includes(test.name)).map(({ status }) => status);
    const hasRun = statuses.some((status) => status === 'failed' || status === 'passed');
    if (!hasRun && signal?.aborted !== true) throw new Error(`${test.file}: "${test.name}" did not run\n${said}`);
    return statuses.includes('failed');
  });
}

const argumentsFor = ({ project, file, name }: NamedTest): string[] => {
  const pattern = name.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
  return ['run', '--project', project, file, `--testNamePattern=${pattern || '.'}`, '--retry=0', '--reporter=json'];
};

/** What is left of the environment when a test itself asks for this. */
const outside = Object.fromEntries(
  Object.entries(env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|CKE_TEST)/u.test(name)),
);

function runVitest(directory: string, words: string[], signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const vitest = join(directory, 'node_modules', 'vitest', 'vitest.mjs');
    const child = spawn(execPath, [vitest, ...words], { cwd: directory, env: outside, ...(signal && { signal }) });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
    child.once('error', (error) => (error.name === 'AbortError' ? undefined : reject(error)));
    child.once('close', () => resolve(said.slice(-2000)));
  });
}
