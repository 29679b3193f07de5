import { existsSync, symlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { addressesOf, labId, nextNodeAddress, networkOf, nodeNames, preferredSlot, slots } from './addresses.ts';
import { run } from './command.ts';
import { LabError } from './errors.ts';
import { ensureImageStore } from './image-store.ts';
import type { ImageChoice } from './image-store.ts';
import { ensureKernelLimits } from './kernel.ts';
import { ensureBridge, networkInUse } from './network.ts';
import { accepts } from './node/machine.ts';
import { linkName, powerOn, prepareDisk } from './nodes.ts';
import type { Progress } from './progress.ts';
import { ensureProgramsInstalled } from './requirements.ts';
import { ensureRoots } from './roots.ts';
import { applyHostRoutes, readRoutes } from './routes.ts';
import { settingsText } from './settings.ts';
import { etcd } from './servers/etcd.ts';
import { ensurePki } from './servers/pki.ts';
import { serverNames, serverTools } from './servers/server.ts';
import type { Server, ServerContext, ServerName } from './servers/server.ts';
import { temporal } from './servers/temporal.ts';
import { vault } from './servers/vault.ts';
import { makeDirectories, readRecord, repository, writeAtomically, writeRecord } from './state.ts';
import type { LabPaths, LabRecord } from './state.ts';
import { resolveTools } from './toolchain.ts';

export interface UpOptions {
  readonly controlPlanes?: number;
  readonly workers?: number;
  readonly spares?: number;
  /** Whether its nodes hold the images of older versions besides, from which an upgrade starts. */
  readonly images?: ImageChoice;
  /** A /24 such as "10.88.7.0/24" instead of the derived one. */
  readonly subnet?: string;
  /** The first of 20 ports instead of the derived one. */
  readonly portBase?: number;
}

export const servers: Readonly<Record<ServerName, Server>> = { temporal, vault, etcd };

/** Builds what is missing of a lab and starts what is off. A lab that is there keeps its nodes and addresses. Throws LabError. */
export async function bringUp(
  name: string,
  paths: LabPaths,
  options: UpOptions,
  progress: Progress,
): Promise<LabRecord> {
  await ensureProgramsInstalled(progress);
  ensureKernelLimits(progress);
  const tools = await resolveTools(serverTools, progress);
  const roots = await ensureRoots(progress);
  const lab = readRecord(paths.directory) ?? (await planLab(name, paths, options));
  const store = await ensureImageStore(roots, progress, lab.images);
  writeRecord(paths.directory, lab);
  makeDirectories(paths);
  await progress.phase('keys and certificates', async () => {
    await ensureSshKey(paths);
    await ensurePki(lab, paths);
    writeAtomically(paths.settings, settingsText(lab, paths), 0o600);
    linkPrograms(paths, tools);
  });
  await ensureBridge(lab);
  await Promise.all([
    progress.phase('starting Temporal, Vault and etcd', () => startServers({ lab, paths, tools })),
    progress.phase(`starting ${lab.nodes.length} nodes`, () =>
      startNodes({ lab, paths, store, lower: roots.node, progress }),
    ),
  ]);
  return lab;
}

/** Decides where a new lab lives: the first slot, from its own on, whose subnet and ports nobody uses. */
async function planLab(name: string, paths: LabPaths, options: UpOptions): Promise<LabRecord> {
  const id = labId(paths.directory);
  const network = options.subnet === undefined ? undefined : (networkOf(options.subnet) ?? badSubnet(options.subnet));
  const first = preferredSlot(paths.directory);
  for (let tried = 0; tried < slots; tried++) {
    const slot = (first + tried) % slots;
    const addresses = addressesOf({
      slot,
      ...(network === undefined ? {} : { network }),
      ...(options.portBase === undefined ? {} : { portBase: options.portBase }),
    });
    const taken =
      (await networkInUse(networkOf(addresses.subnet) ?? '', `ckb${id}`)) ||
      (await Promise.all(Object.values(addresses.ports).map((port: number) => accepts('127.0.0.1', port)))).includes(
        true,
      );
    if (taken && network === undefined && options.portBase === undefined) continue;
    const { controlPlanes = 3, workers = 2, spares = 0, images } = options;
    const place = { ...addresses, name, slot, bridge: `ckb${id}`, cgroup: `cke-lab-${id}` };
    const plan: LabRecord = { ...place, ...(images !== undefined && images !== 'present' && { images }), nodes: [] };
    return nodeNames({ controlPlanes, workers, spares }).reduce(withNode, plan);
  }
  throw new LabError({
    what: 'there is no room for another lab',
    why: `all ${slots} subnets 10.88.0.0/24 to 10.88.255.0/24, or their ports, are in use`,
    cure: 'choose with --subnet and --port-base, or take a lab down',
  });
}

function badSubnet(subnet: string): never {
  throw new LabError({
    what: `"${subnet}" cannot be the lab's subnet`,
    why: 'it is no /24',
    cure: 'e.g. 10.88.7.0/24',
  });
}

/** The lab with one more node, whose address is the next free one. */
export function withNode(lab: LabRecord, name: string): LabRecord {
  const address = nextNodeAddress(
    lab.subnet,
    lab.nodes.map((node) => node.address),
  );
  const link = linkName(lab.bridge.slice(3), name);
  return { ...lab, nodes: [...lab.nodes, { name, address, link }] };
}

async function ensureSshKey({ sshKey }: LabPaths): Promise<void> {
  if (existsSync(`${sshKey}.pub`)) return;
  rmSync(sshKey, { force: true });
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'cke lab', '-f', sshKey]);
}

/** Puts the lab's programs, and cke-client on this very Node, into the directory that `lab env` puts on PATH. */
function linkPrograms(paths: LabPaths, tools: ServerContext['tools']): void {
  for (const name of serverTools) {
    rmSync(join(paths.bin, name), { force: true });
    symlinkSync(tools(name), join(paths.bin, name));
  }
  const wrapper = `#!/bin/sh\nexec '${execPath}' '${join(repository, 'client', 'main.ts')}' "$@"\n`;
  writeAtomically(join(paths.bin, 'cke-client'), wrapper, 0o755);
}

async function startServers(context: ServerContext): Promise<void> {
  await Promise.all(serverNames.map((name) => servers[name].start(context)));
}

interface StartNodesOptions {
  readonly lab: LabRecord;
  readonly paths: LabPaths;
  readonly store: string;
  readonly lower: string;
  readonly progress: Progress;
}

async function startNodes({ lab, paths, store, lower, progress }: StartNodesOptions): Promise<void> {
  await ensureBridge(lab);
  await applyHostRoutes(lab, readRoutes(paths));
  await Promise.all(
    lab.nodes.map(async (node) => {
      await prepareDisk({ lab, paths, node }, store);
      await powerOn({ lab, paths, node }, lower);
      progress.say(`${node.name} is ready at ${node.address}`);
    }),
  );
}
