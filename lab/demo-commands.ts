import process from 'node:process';
import { spawn } from 'node:child_process';
import { labOption } from './demo-end.ts';
import { LabError } from './errors.ts';
import type { Lab } from './lab.ts';

/** Runs a program with the lab's environment and returns what it prints. Throws LabError with its own words when it fails. */
export async function output(lab: Lab, command: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.run(command, args);
  if (code === 0) return stdout.trim();
  throw failed(lab, `${command} ${args.join(' ')}`, stderr.trim() || `exit code ${code}`);
}

export interface Shown {
  readonly code: number;
  readonly stdout: string;
}

/** The same with its progress on the terminal as it comes, for the caller to judge the exit code. */
export function shown(lab: Lab, command: string, ...args: readonly string[]): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...lab.environment() };
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, stdout }));
  });
}

/** An error that says where to look. */
export function failed(lab: Lab, what: string, why: string): LabError {
  const cure = [
    `see ${lab.paths.log('worker-1')}, and:`,
    `eval "$(npm run -s lab -- env${labOption(lab.name)})"; cke-client status`,
    `then run the demo again, or remove everything: npm run lab -- down${labOption(lab.name)}`,
  ];
  return new LabError({ what: `${what} failed`, why, cure: cure.join('\n       ') });
}
