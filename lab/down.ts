import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from './errors.ts';
import { deleteLink } from './network.ts';
import { removeCgroup } from './node/cgroups.ts';
import { destroyNode } from './nodes.ts';
import { stopProcess } from './processes.ts';
import type { Progress } from './progress.ts';
import { serverNames } from './servers/server.ts';
import { readRecord } from './state.ts';
import type { LabPaths } from './state.ts';
import { endWorkers } from './workers.ts';

/** Removes everything that the lab made, whatever state it is in; does nothing when there is no lab. Throws LabError when something stays. */
export async function tearDown(paths: LabPaths, progress: Progress): Promise<void> {
  const lab = readRecord(paths.directory);
  if (lab === undefined) {
    rmSync(paths.directory, { recursive: true, force: true });
    return;
  }
  if (existsSync(join(paths.directory, 'run'))) {
    await progress.phase('stopping workers and servers', async () => {
      await endWorkers(paths, 'kill');
      await Promise.all(serverNames.map((name) => stopProcess(paths.record(name), { graceMilliseconds: 3000 })));
    });
  }
  const left = await progress.phase(`removing ${lab.nodes.length} nodes`, async () => {
    const perNode = await Promise.all(lab.nodes.map((node) => destroyNode({ lab, paths, node })));
    await deleteLink(lab.bridge);
    return [...perNode.flat(), ...(await removeCgroup(lab.cgroup))];
  });
  if (left.length > 0) {
    throw new LabError({
      what: 'not everything of the lab could be removed',
      why: `still in use: ${left.join(', ')}`,
      cure: 'see who uses it (fuser, cat cgroup.procs), then run down again',
    });
  }
  rmSync(paths.directory, { recursive: true, force: true });
}
