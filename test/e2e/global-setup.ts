import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { loadWorkflowBundle } from '../../worker/bundle.ts';
import { lab } from './story.ts';

/** With CKE_E2E_KEEP=1 the lab is taken as it is and left as it is, for looking around in it. */
const keep = env['CKE_E2E_KEEP'] === '1';

const directory = mkdtempSync(join(tmpdir(), 'cke-e2e-'));

/** One lab for all stories: brought up by the first that needs it, taken down after the last. Workflow code is bundled once for all workers. */
export async function setup(): Promise<void> {
  if (!keep) await lab.down();
  const file = join(directory, 'workflow-bundle.js');
  writeFileSync(file, (await loadWorkflowBundle()).code);
  env['CKE_WORKFLOW_BUNDLE'] = file;
}

export async function teardown(): Promise<void> {
  if (!keep) await lab.down();
  rmSync(directory, { recursive: true });
}
