import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const top = '/sys/fs/cgroup';

/** The machine's cgroup hierarchies: one directory on v2, one per controller on v1. */
function hierarchies(): string[] {
  if (existsSync(join(top, 'cgroup.controllers'))) return [top];
  return readFileSync('/proc/self/cgroup', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(':')[1] ?? '')
    .filter((controllers) => controllers !== '')
    .map((controllers) => join(top, controllers.replace(/^name=/, '')))
    .filter((directory) => existsSync(directory));
}

/** Makes a group such as "cke-lab-1a2b3c/cp-1" in every hierarchy and returns its directories. */
export function makeCgroup(path: string): string[] {
  return hierarchies().map((hierarchy) => {
    let parent = hierarchy;
    for (const part of path.split('/')) {
      passControllersOn(parent);
      const directory = join(parent, part);
      mkdirSync(directory, { recursive: true });
      inheritCpuset(parent, directory);
      parent = directory;
    }
    return parent;
  });
}

/** On v2, moves the process that started a node's init out of the node's group, which may then pass its controllers on. */
export function moveStarterOut(path: string, pid: number): void {
  if (!existsSync(join(top, 'cgroup.controllers'))) return;
  for (const group of makeCgroup(join(dirname(path), 'outside')))
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
}

/** On v2 a controller exists in a group only if its parent passes it on. */
function passControllersOn(directory: string): void {
  const file = join(directory, 'cgroup.subtree_control');
  if (!existsSync(file)) return;
  for (const controller of readFileSync(join(directory, 'cgroup.controllers'), 'utf8').trim().split(' ')) {
    try {
      writeFileSync(file, `+${controller}`);
    } catch {
      // A controller that the machine keeps for itself: the node does without.
    }
  }
}

/** On v1 a new cpuset has no processors, and no process may join it before it has some. */
function inheritCpuset(parent: string, directory: string): void {
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    const file = join(directory, name);
    if (!existsSync(file) || existsSync(join(directory, 'cgroup.controllers'))) continue;
    if (readFileSync(file, 'utf8').trim() === '') writeFileSync(file, readFileSync(join(parent, name), 'utf8'));
  }
}

/** Removes a group and the groups below it; what is still busy after two seconds stays and is named in the answer. */
export async function removeCgroup(path: string): Promise<string[]> {
  let left: string[] = [];
  for (let attempts = 0; attempts < 40; attempts++) {
    left = hierarchies()
      .map((hierarchy) => join(hierarchy, path))
      .filter((directory) => existsSync(directory) && !removedTree(directory));
    if (left.length === 0) return [];
    await sleep(50);
  }
  return left;
}

function removedTree(directory: string): boolean {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory() && !removedTree(join(directory, entry.name))) return false;
  }
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

/** Processor time that a node has used so far, in milliseconds, or undefined when its group is gone. */
export function processorMilliseconds(path: string): number | undefined {
  const v1 = join(top, 'cpuacct', path, 'cpuacct.usage');
  if (existsSync(v1)) return Number(readFileSync(v1, 'utf8')) / 1e6;
  const v2 = join(top, path, 'cpu.stat');
  const usage = existsSync(v2) ? /usage_usec (\d+)/.exec(readFileSync(v2, 'utf8'))?.[1] : undefined;
  return usage === undefined ? undefined : Number(usage) / 1e3;
}
