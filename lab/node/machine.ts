import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { attempt, run } from '../command.ts';
import type { RunOptions, RunResult } from '../command.ts';
import { goneWithin, runningProcess, startProcess, stopProcess, waitUntil } from '../processes.ts';
import type { NodeContext } from '../state.ts';
import { makeCgroup, moveStarterOut, removeCgroup } from './cgroups.ts';

/** A set of namespaces with an init process, before anything is known about labs. */
export interface Machine {
  /** Has files/ when it starts; gets upper/, work/, disk/. */
  readonly directory: string;
  /** The read-only root below its own changes. */
  readonly lower: string;
  /** A path of two parts: the lab's group and the node's. */
  readonly cgroup: string;
  readonly record: string;
  readonly log: string;
  /** Whether it ends with the process that booted it, or only by killMachine. */
  readonly life: 'its own' | 'its starter’s';
}

/** Starts the machine's init and returns its PID as the host sees it. Its network is empty until somebody adds eth0. */
export async function bootMachine(machine: Machine): Promise<number> {
  const groups = makeCgroup(machine.cgroup);
  const namespaces = ['--net', '--mount', '--uts', '--ipc', '--pid', '--cgroup', '--propagation', 'private'];
  const leash = machine.life === 'its own' ? [] : ['setpriv', '--pdeathsig', 'KILL'];
  const init = ['/bin/sh', join(import.meta.dirname, 'init.sh'), machine.directory, machine.lower];
  const { pid: starter } = await startProcess([...leash, 'unshare', ...namespaces, '--fork', '--kill-child', ...init], {
    record: machine.record,
    log: machine.log,
    before: groups.map((group) => `echo $$ >'${group}/cgroup.procs'\n`).join(''),
  });
  const waiting = { log: machine.log, record: machine.record };
  const pid = await waitUntil('the node’s init', async () => initPid(machine), waiting);
  moveStarterOut(machine.cgroup, starter);
  return pid;
}

/** PID of the machine's init in the host's numbering, or undefined when it is off. */
export function initPid({ record }: Pick<Machine, 'record'>): number | undefined {
  const outer = runningProcess(record)?.pid;
  if (outer === undefined) return undefined;
  const children = readOrNothing(`/proc/${outer}/task/${outer}/children`).trim().split(' ');
  // Before it becomes the starter of namespaces, that process is a shell with short-lived children of other kinds.
  const init = children.find((pid) => /^NSpid:.*\t1$/m.test(readOrNothing(`/proc/${pid}/status`)));
  return init === undefined ? undefined : Number(init);
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** PID of a lab's node on the host, or undefined when the node is off. */
export function nodePid({ paths, node }: Pick<NodeContext, 'paths' | 'node'>): number | undefined {
  return initPid({ record: paths.record(`node-${node.name}`) });
}

/** Waits until Docker, containerd and, when an address is given, sshd answer. */
export async function waitForServices(machine: Machine, address: string | undefined): Promise<void> {
  const waiting = { log: machine.log, record: machine.record, timeoutMilliseconds: 90_000 };
  const docker = dockerSocket(machine);
  await waitUntil('Docker in the node', async () => (docker && (await pings(docker))) || undefined, waiting);
  if (address !== undefined) {
    await waitUntil('sshd in the node', async () => (await accepts(address, 22)) || undefined, waiting);
  }
}

/** The Docker socket as the host sees it, or undefined when the machine is off. */
export function dockerSocket(machine: Pick<Machine, 'record'>): string | undefined {
  const pid = initPid(machine);
  return pid === undefined ? undefined : `/proc/${pid}/root/run/docker.sock`;
}

function pings(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

/** Whether something accepts TCP connections there. */
export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.on('connect', () => answer(true));
    socket.on('timeout', () => answer(false));
    socket.on('error', () => answer(false));
  });
}

const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
};

/** The command line that runs `argv` inside the machine whose init is `pid`. */
export function enter(pid: number, argv: readonly string[]): string[] {
  const namespaces = ['--net', '--mount', '--uts', '--ipc', '--pid', '--cgroup'];
  return ['nsenter', '--target', String(pid), ...namespaces, '--', ...argv];
}

/** Runs a command that has to succeed inside the machine, as root, and returns its output. Throws LabError. */
export function runInside(pid: number, argv: readonly string[], input?: string | Readable): Promise<string> {
  const [command = 'nsenter', ...rest] = enter(pid, argv);
  return run(command, rest, withInput(input));
}

/** Like runInside, but the exit code is for the caller to judge. */
export function attemptInside(pid: number, argv: readonly string[], input?: string | Readable): Promise<RunResult> {
  const [command = 'nsenter', ...rest] = enter(pid, argv);
  return attempt(command, rest, withInput(input));
}

function withInput(input: string | Readable | undefined): RunOptions {
  return input === undefined ? { env: environment } : { env: environment, input };
}

/** Ends every process of the machine at once, as when its power fails, and returns when they are gone. */
export async function killMachine(machine: Machine): Promise<void> {
  const pid = initPid(machine);
  if (pid !== undefined) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It died in between.
    }
  }
  // Its parent has to live to take its exit status, or a zombie stays with whatever adopts it.
  await goneWithin(machine.record, 10_000);
  await stopProcess(machine.record, { signal: 'SIGKILL' });
}

/** Removes what a dead machine leaves behind on the host besides its directory. Returns the cgroups that are still busy. */
export function forgetMachine(machine: Machine): Promise<string[]> {
  return removeCgroup(machine.cgroup);
}
