import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyStore } from './image-store.ts';
import { connectNode, deleteLink, linkExists, setLink } from './network.ts';
import { nodeFiles } from './node/files.ts';
import { bootMachine, forgetMachine, initPid, killMachine, waitForServices } from './node/machine.ts';
import type { Machine } from './node/machine.ts';
import { runtimeForNodes } from './node/runtime.ts';
import { applyRoutes, readRoutes } from './routes.ts';
import { writeAtomically } from './state.ts';
import type { NodeContext } from './state.ts';

/** Name of the host's end of a node's link: at most 15 characters, and another one in each lab. */
export function linkName(labId: string, nodeName: string): string {
  return `ckv${labId}${createHash('sha256').update(nodeName).digest('hex').slice(0, 6)}`;
}

function machineOf({ lab, paths, node }: NodeContext, lower: string): Machine {
  return {
    directory: paths.node(node.name),
    lower,
    cgroup: `${lab.cgroup}/${node.name}`,
    record: paths.record(`node-${node.name}`),
    log: paths.log(`node-${node.name}`),
    life: 'its own',
  };
}

/** Fills the disk of a new node, unless it has one. Its mark is written last, so that a half-filled disk is filled again. */
export async function prepareDisk({ paths, node }: NodeContext, store: string): Promise<void> {
  const complete = join(paths.node(node.name), 'machine-id');
  if (existsSync(complete)) return;
  rmSync(paths.node(node.name), { recursive: true, force: true });
  await copyStore(store, join(paths.node(node.name), 'disk'));
  writeAtomically(complete, randomBytes(16).toString('hex'));
}

/** Switches a node on and returns when its Docker, containerd and sshd answer. Does nothing when it is on. */
export async function powerOn(context: NodeContext, lower: string): Promise<void> {
  const { lab, paths, node } = context;
  const machine = machineOf(context, lower);
  if (initPid(machine) === undefined || !(await linkExists(node.link))) {
    await killMachine(machine);
    await deleteLink(node.link);
    writeNodeFiles(context);
    const pid = await bootMachine(machine);
    await connectNode(lab, node, pid);
  } else {
    await setLink(node.link, 'up');
  }
  await waitForServices(machine, node.address);
  await applyRoutes(context, readRoutes(paths));
}

function writeNodeFiles({ lab, paths, node }: NodeContext): void {
  const machineId = readFileSync(join(paths.node(node.name), 'machine-id'), 'utf8');
  const authorizedKey = readFileSync(`${paths.sshKey}.pub`, 'utf8');
  for (const file of nodeFiles({ lab, node, machineId, authorizedKey, runtime: runtimeForNodes() })) {
    writeAtomically(join(paths.node(node.name), 'files', file.path), file.text, file.mode);
  }
}

/** As when its power fails: the link goes first, so that no dying process can say goodbye, then every process. */
export async function powerOff(context: NodeContext): Promise<void> {
  if (initPid(machineOf(context, '')) !== undefined) await setLink(context.node.link, 'down');
  const machine = machineOf(context, '');
  await killMachine(machine);
  await deleteLink(context.node.link);
}

/** Removes everything of a node: processes, link, cgroups and disk. Returns what could not be removed. */
export async function destroyNode(context: NodeContext): Promise<string[]> {
  const machine = machineOf(context, '');
  await killMachine(machine);
  await deleteLink(context.node.link);
  const left = await forgetMachine(machine);
  for (let attempts = 0; ; attempts++) {
    try {
      rmSync(machine.directory, { recursive: true, force: true });
      return left;
    } catch (error) {
      if (attempts === 20) return [...left, `${machine.directory}: ${String(error)}`];
      await sleep(100);
    }
  }
}
