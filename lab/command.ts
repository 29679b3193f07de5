import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { LabError } from './errors.ts';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Text, or a stream such as another command's output, for standard input. */
  readonly input?: string | Readable;
  /** Called with each line of standard error as it comes. */
  readonly onErrorLine?: (line: string) => void;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and returns its exit code and output, whatever the code is. Throws only if it cannot be started. */
export function attempt(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-65_536);
      for (const line of text.split('\n')) if (line !== '') options.onErrorLine?.(line);
    });
    child.stdin.on('error', () => undefined);
    if (options.input === undefined || typeof options.input === 'string') child.stdin.end(options.input);
    else options.input.pipe(child.stdin);
    child.on('error', (error) =>
      reject(new LabError({ what: `${command} cannot be started`, why: error.message, cure: `install ${command}` })),
    );
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === null ? 1 : 128), stdout, stderr }));
  });
}

/** Runs a program that has to succeed and returns its standard output. Throws LabError with the last lines it printed. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await attempt(command, args, options);
  if (result.code === 0) return result.stdout;
  const last = `${result.stderr.trim()}\n${result.stdout.trim()}`.trim().split('\n').slice(-6).join('\n       ');
  throw new LabError({
    what: `${[command, ...args].join(' ').slice(0, 200)} failed with exit code ${result.code}`,
    why: last === '' ? 'it printed nothing' : last,
    cure: 'the lines above are its own words',
  });
}

/** Starts a program whose standard output becomes another one's input, as in a shell pipe. */
export function stream(command: string, args: readonly string[]): Readable {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.on('error', (error) => child.stdout.destroy(error));
  return child.stdout;
}

/** Command-line flags as `--name=value` words, in the order given. */
export function flags(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}
