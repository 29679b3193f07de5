import { spawn } from 'node:child_process';
import process, { stdout } from 'node:process';
import type { Ending } from './count.ts';

export interface Execution {
  /** What the progress lines call it. */
  readonly title: string;
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly limitMilliseconds: number;
  readonly signal: AbortSignal;
}

const tickMilliseconds = 60_000;
/** Between asking and killing: long enough for a runner to end its own children. */
const graceMilliseconds = 10_000;

/** Runs a program in a process group of its own, its output on ours; nothing of the group outlives it. */
export function execute({ title, argv, env, limitMilliseconds, signal }: Execution): Promise<Ending> {
  const begun = performance.now();
  const elapsed = () => performance.now() - begun;
  const [command = '', ...args] = argv;
  return new Promise((resolve) => {
    let kind: Ending['kind'] = 'exited';
    const child = spawn(command, args, { env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
    const end = (why: Ending['kind']) => {
      kind = why;
      signalGroup(child.pid, 'SIGTERM');
      setTimeout(() => signalGroup(child.pid, 'SIGKILL'), graceMilliseconds).unref();
    };
    const onAbort = () => end('cancelled');
    const limit = setTimeout(() => end('out of time'), limitMilliseconds);
    const ticker = setInterval(
      () => stdout.write(`    ${title}: ${minutesAndSeconds(elapsed())} …\n`),
      tickMilliseconds,
    );
    const finished = (code: number) => {
      clearTimeout(limit);
      clearInterval(ticker);
      signal.removeEventListener('abort', onAbort);
      signalGroup(child.pid, 'SIGKILL');
      resolve({ kind, code, milliseconds: elapsed() });
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    child.on('error', () => finished(127));
    child.on('exit', (code) => finished(code ?? 128));
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of the group is left, which is what was wanted.
  }
}

/** E.g. "3 min 05 s". */
export function minutesAndSeconds(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
