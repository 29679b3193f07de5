import process from 'node:process';
import { explain } from '../../lab/errors.ts';
import { ensureImageStore } from '../../lab/image-store.ts';
import { Progress } from '../../lab/progress.ts';
import { ensureProgramsInstalled, ensureRoot } from '../../lab/requirements.ts';
import { ensureRoots } from '../../lab/roots.ts';
import { serverTools } from '../../lab/servers/server.ts';
import { resolveTools } from '../../lab/toolchain.ts';

/** Brings everything that a lab needs into the cache, without a lab. */
async function build(progress: Progress): Promise<void> {
  ensureRoot();
  await ensureProgramsInstalled(progress);
  await resolveTools(serverTools, progress);
  await ensureImageStore(await ensureRoots(progress), progress);
  progress.say('everything is there');
}

try {
  await build(new Progress());
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
