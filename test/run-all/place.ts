import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process, { env } from 'node:process';
import { attempt } from '../../lab/command.ts';
import { startTimeOf } from '../../lab/processes.ts';
import { repository } from '../../lab/state.ts';

/** Where one run of `npm test` keeps its labs, reports and temporary files, so that nothing of it can stay behind. */
export interface Place {
  readonly directory: string;
  /** What its programs see: no cluster of a developer's shell, labs and temporary files in here. */
  readonly environment: NodeJS.ProcessEnv;
  /** Takes down every lab, ends every process that was started in here, removes the files. Returns what could not be removed. */
  close(): Promise<string[]>;
}

/** What each part of a run is told. */
export interface RunContext {
  readonly place: Place;
  readonly signal: AbortSignal;
  /** When the whole has to be done, in milliseconds since 1970. */
  readonly end: number;
}

const prefix = 'test-run-';
/** Leads to the run's temporary files, which have short paths for the sake of Unix sockets. */
const temporaryLink = 'temporary';
/** Stands in the environment of everything that a run starts. */
const mark = 'CKE_TEST_RUN';

/** Makes the place of this run; what a killed run left behind is removed first. */
export async function openPlace(): Promise<Place> {
  const parent = join(repository, '.lab');
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (name.startsWith(prefix) && !isAlive(name)) await clear(join(parent, name));
  }
  const directory = join(parent, `${prefix}${process.pid}-${startTimeOf(process.pid)}`);
  mkdirSync(directory);
  const temporary = mkdtempSync(join(tmpdir(), 'cke-test-'));
  symlinkSync(temporary, join(directory, temporaryLink));
  return {
    directory,
    environment: {
      ...withoutClusters(env),
      CKE_LAB_STATE: directory,
      TMPDIR: temporary,
      [mark]: basename(directory),
      CI: 'true',
      FORCE_COLOR: env['FORCE_COLOR'] ?? '0',
    },
    close: () => clear(directory),
  };
}

function withoutClusters(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(CKE_(?!LAB_CACHE$|LAB_DEBIAN_MIRROR$)|VAULT_|ETCDCTL_|TEMPORAL_|KUBECONFIG$|NODE_OPTIONS$|VITEST)/;
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !foreign.test(name)));
}

function isAlive(name: string): boolean {
  const [pid, startTime] = name.slice(prefix.length).split('-');
  return startTimeOf(Number(pid)) === startTime;
}

/** Labs end by their own command; whatever else still carries the run's mark is killed by its PID. */
async function clear(directory: string): Promise<string[]> {
  const left: string[] = [];
  for (const lab of readdirSync(directory, { withFileTypes: true })) {
    if (!lab.isDirectory()) continue;
    const argv = [join(repository, 'lab', 'main.ts'), 'down', '--name', lab.name];
    const { code, stderr } = await attempt(process.execPath, argv, { env: { ...env, CKE_LAB_STATE: directory } });
    if (code !== 0) left.push(`lab ${lab.name} in ${directory}: ${stderr.trim()}`);
  }
  for (const pid of processesMarked(basename(directory))) process.kill(pid, 'SIGKILL');
  const temporary = join(directory, temporaryLink);
  if (existsSync(temporary)) rmSync(realpathSync(temporary), { recursive: true, force: true });
  if (left.length === 0) rmSync(directory, { recursive: true, force: true });
  return left;
}

function processesMarked(run: string): number[] {
  const wanted = `${mark}=${run}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(wanted))
    .map(Number);
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
