import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './errors.ts';

/** A process as its record in the state directory names it: the start time tells a recycled pid apart. */
export interface ProcessRecord {
  readonly pid: number;
  /** Clock ticks after boot, field 22 of /proc/PID/stat. */
  readonly startTime: string;
  readonly bootId: string;
}

/** Writes the record before the program proper starts, so that no kill of the lab in between can lose a process. */
const recordThenExec = `
printf '%s %s %s\\n' $$ "$(cut -d' ' -f22 /proc/$$/stat)" "$(cat /proc/sys/kernel/random/boot_id)" > "$0.new"
mv "$0.new" "$0"
exec "$@"`;

/** Clock ticks after boot at which a process started, or undefined when it is gone. */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** The record in `file` if its process still runs, else undefined. */
export function runningProcess(file: string): ProcessRecord | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const [pid, startTime, bootId] = text.trim().split(' ');
  if (pid === undefined || startTime === undefined || bootId === undefined) return undefined;
  if (bootId !== readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) return undefined;
  return startTimeOf(Number(pid)) === startTime ? { pid: Number(pid), startTime, bootId } : undefined;
}

export interface StartOptions {
  /** Where the record goes. */
  readonly record: string;
  readonly log: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A shell fragment that runs before the program, in the same process. */
  readonly before?: string;
}

/** Starts a program that outlives the lab's own process, in a session of its own, and returns once its record is written. */
export async function startProcess(argv: readonly string[], options: StartOptions): Promise<ProcessRecord> {
  rmSync(options.record, { force: true });
  const log = openSync(options.log, 'a', 0o600);
  const child = spawn('/bin/sh', ['-ec', (options.before ?? '') + recordThenExec, options.record, ...argv], {
    detached: true,
    stdio: ['ignore', log, log],
    env: options.env,
    cwd: options.cwd,
  });
  child.unref();
  closeSync(log);
  let exited = false;
  child.on('exit', () => (exited = true));
  for (let waited = 0; waited < 5000; waited += 10) {
    const record = runningProcess(options.record);
    if (record !== undefined) return record;
    if (exited) break;
    await sleep(10);
  }
  throw new LabError({
    what: `${argv[0] ?? 'a program'} did not start`,
    why: lastLines(options.log),
    cure: `read ${options.log}`,
  });
}

/** Starts a program unless its recorded process runs: a start that was killed before its end is taken up. */
export async function ensureProcess(argv: readonly string[], options: StartOptions): Promise<ProcessRecord> {
  return runningProcess(options.record) ?? (await startProcess(argv, options));
}

/** Stops the recorded process: the signal, then SIGKILL after `graceMilliseconds`. Does nothing when it is gone already. */
export async function stopProcess(
  file: string,
  { signal = 'SIGTERM', graceMilliseconds = 10_000 }: { signal?: NodeJS.Signals; graceMilliseconds?: number } = {},
): Promise<void> {
  const record = runningProcess(file);
  if (record !== undefined) {
    signalIfThere(record.pid, signal);
    if (!(await goneWithin(file, graceMilliseconds))) {
      signalIfThere(record.pid, 'SIGKILL');
      await goneWithin(file, 10_000);
    }
  }
  rmSync(file, { force: true });
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the look and the signal, which is what was wanted.
  }
}

/** Whether the recorded process ends within that time. */
export async function goneWithin(file: string, milliseconds: number): Promise<boolean> {
  for (let waited = 0; waited < milliseconds; waited += 20) {
    if (runningProcess(file) === undefined) return true;
    await sleep(20);
  }
  return runningProcess(file) === undefined;
}

/** The end of a log file, for error messages. */
export function lastLines(file: string, count = 6): string {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').slice(-count).join('\n       ') || 'it wrote nothing';
  } catch {
    return 'it wrote nothing';
  }
}

/** Waits until `probe` gives a value. Throws LabError, with the log's last lines, when the process ends or the time is over. */
export async function waitUntil<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { log, record, timeoutMilliseconds = 120_000 }: { log: string; record?: string; timeoutMilliseconds?: number },
): Promise<T> {
  const end = Date.now() + timeoutMilliseconds;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    const ended = record !== undefined && runningProcess(record) === undefined;
    if (ended || Date.now() > end) {
      const because = ended ? 'its process ended' : `not within ${timeoutMilliseconds / 1000} s`;
      throw new LabError({ what: `${what}: ${because}`, why: lastLines(log), cure: `read ${log}` });
    }
    await sleep(40);
  }
}
