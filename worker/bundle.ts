import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** The same module in the bundle and beside it. */
export const failureConverterPath = fileURLToPath(new URL('../workflows/failure-converter.ts', import.meta.url));

export interface WorkflowBundle {
  code: string;
  /** Changes with every change of workflow code: the build id of a worker deployment. */
  digest: string;
}

/**
 * The workflow code as one file: the prebuilt one that CKE_WORKFLOW_BUNDLE names (the Docker image has it), or bundled now. A named
 * file that is missing is an error: falling back would hide a broken image.
 */
export async function loadWorkflowBundle(): Promise<WorkflowBundle> {
  const prebuilt = env['CKE_WORKFLOW_BUNDLE'];
  const code = prebuilt === undefined ? await bundleApart() : await readFile(prebuilt, 'utf8');
  return { code, digest: createHash('sha256').update(withoutSourceMap(code)).digest('hex').slice(0, 12) };
}

/** In a process of its own: what the bundler takes of memory (about 80 MB) would never be given back. */
async function bundleApart(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cke-bundle-'));
  try {
    const target = join(directory, 'workflow-bundle.js');
    await promisify(execFile)(execPath, [fileURLToPath(new URL('build-bundle.ts', import.meta.url)), target]);
    return await readFile(target, 'utf8');
  } finally {
    await rm(directory, { recursive: true });
  }
}

export async function bundle(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    failureConverterPath,
    logger: new DefaultLogger('WARN'),
  });
  return code;
}

/** The inline source map holds paths of the machine that built it. */
function withoutSourceMap(code: string): string {
  return code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '');
}
