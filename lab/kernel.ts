import { readFileSync, writeFileSync } from 'node:fs';
import { LabError } from './errors.ts';
import type { Progress } from './progress.ts';

/** Kernel limits that all nodes of a machine share; a usual default of 128 inotify instances is used up by five of them. */
const leastLimits: Readonly<Record<string, number>> = {
  'fs/inotify/max_user_instances': 8192,
  'fs/inotify/max_user_watches': 524_288,
};

/** Raises what is too low for several nodes on one kernel, until the next boot, and says so. Throws LabError when it may not. */
export function ensureKernelLimits(progress: Progress): void {
  for (const [name, least] of Object.entries(leastLimits)) {
    const file = `/proc/sys/${name}`;
    const value = Number(readFileSync(file, 'utf8'));
    if (value >= least) continue;
    const setting = name.replaceAll('/', '.');
    try {
      writeFileSync(file, String(least));
    } catch {
      throw new LabError({
        what: `${setting} is ${value}, which is too low`,
        why: 'every kubelet, kube-proxy and container engine watches files, and all nodes share this limit',
        cure: `on the machine itself: sysctl -w ${setting}=${least}`,
      });
    }
    progress.say(`raised ${setting} from ${value} to ${least}, until the next boot`);
  }
}
