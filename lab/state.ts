import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { LabAddresses } from './addresses.ts';
import { LabError } from './errors.ts';

const nodeRecord = z.object({
  name: z.string(),
  address: z.string(),
  /** The host's end of its link. */
  link: z.string(),
});

const labRecord = z.object({
  name: z.string(),
  slot: z.number(),
  subnet: z.string(),
  gateway: z.string(),
  prefixLength: z.number(),
  ports: z.object({
    temporal: z.number(),
    temporalUi: z.number(),
    vault: z.number(),
    vaultCluster: z.number(),
    etcdClient: z.number(),
    etcdPeer: z.number(),
    temporalHttp: z.number(),
    temporalMetrics: z.number(),
    workerMetrics: z.number(),
    codecServer: z.number(),
  }),
  bridge: z.string(),
  /** The group under which its nodes' cgroups are, in every hierarchy. */
  cgroup: z.string(),
  /** Which images its nodes hold; the present ones when absent. */
  images: z.enum(['older too', 'metrics-server too', 'kms too']).optional(),
  nodes: z.array(nodeRecord),
});

/** One node as the lab remembers it. */
export type NodeRecord = Readonly<z.infer<typeof nodeRecord>>;

/** What a lab is, written before anything of it is made, so that `down` knows what to look for. */
export type LabRecord = Readonly<z.infer<typeof labRecord>> & LabAddresses;

/** The repository's root. */
export const repository = dirname(import.meta.dirname);

/** Where everything of a lab lies. `name` is a short label of letters, digits and dashes; throws LabError otherwise. */
export function stateDirectoryOf(name: string): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) {
    throw new LabError({
      what: `"${name}" cannot be a lab's name`,
      why: 'it becomes part of a path and of cgroup names',
      cure: 'use up to 32 lower-case letters, digits and dashes',
    });
  }
  return resolve(process.env.CKE_LAB_STATE ?? join(repository, '.lab'), name);
}

/** Where built programs, node roots and images are kept between labs. */
export function cacheDirectory(): string {
  return resolve(process.env.CKE_LAB_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cke-lab'));
}

/** The record of a lab, or undefined when there is none. */
export function readRecord(stateDirectory: string): LabRecord | undefined {
  try {
    return labRecord.parse(JSON.parse(readFileSync(join(stateDirectory, 'lab.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

export function writeRecord(stateDirectory: string, record: LabRecord): void {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o755 });
  writeAtomically(join(stateDirectory, 'lab.json'), `${JSON.stringify(record, null, 2)}\n`);
}

/** Writes a file whole or not at all. */
export function writeAtomically(file: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}

/**
 * A name beside `path` for what is being made, to be renamed when it is whole. What killed makers left is removed; a program that outlived its
 * maker may still be writing there, which is why the name is this process's own. Call it under the lock that guards `path`.
 */
export function partialOf(path: string): string {
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.partial`)) continue;
    try {
      rmSync(join(dirname(path), name), { recursive: true, force: true });
    } catch {
      // Written to while it was removed: the next one gets it.
    }
  }
  return `${path}.partial-${process.pid}`;
}

/** Paths inside a lab's state directory. */
export function pathsOf(stateDirectory: string) {
  const at = (...parts: string[]) => join(stateDirectory, ...parts);
  return {
    directory: stateDirectory,
    settings: at('cke.yaml'),
    credentials: at('credentials'),
    kubeconfig: at('kubeconfig'),
    bin: at('bin'),
    sshKey: at('ssh', 'id_ed25519'),
    record: (name: string) => at('run', `${name}.pid`),
    log: (name: string) => at('log', `${name}.log`),
    server: (name: string) => at(name),
    pki: (file: string) => at('pki', file),
    vaultKeys: at('vault', 'keys.json'),
    node: (name: string) => at('nodes', name),
  };
}

export type LabPaths = ReturnType<typeof pathsOf>;

/** A lab and one of its nodes. */
export interface NodeContext {
  readonly lab: LabRecord;
  readonly paths: LabPaths;
  readonly node: NodeRecord;
}

/** Makes the directories that processes write to from their first moment on. */
export function makeDirectories(paths: LabPaths): void {
  for (const directory of ['run', 'log', 'bin', 'pki', 'ssh', 'nodes', 'temporal', 'vault', 'etcd']) {
    mkdirSync(join(paths.directory, directory), { recursive: true, mode: 0o755 });
  }
  mkdirSync(paths.credentials, { recursive: true, mode: 0o700 });
}
